// Findings as one JSON object; docs/output.md describes it.
#pragma once

#include "report/Report.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::report {

/// What wrote a report.
struct Tool {
  llvm::StringRef version;
};

/// The output is UTF-8 whatever bytes the rules hold: what is not becomes U+FFFD.
void printJson(const std::vector<FileReport> &files, const Tool &tool, llvm::raw_ostream &out);

} // namespace iptlint::report
