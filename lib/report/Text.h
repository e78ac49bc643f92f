// Findings as text, in the form C compilers use: FILE:LINE:COL: SEVERITY: message [check-id], the line with
// a caret below, then notes in the same form.
#pragma once

#include "report/Report.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::report {

/// \param colour  whether to write the escape sequences of colours.
void printText(const std::vector<FileReport> &files, bool colour, llvm::raw_ostream &out);

/// "1 error, 2 warnings in 2 files (14 rules); 1 suppressed", one line.
void printSummary(const std::vector<FileReport> &files, llvm::raw_ostream &out);

} // namespace iptlint::report
