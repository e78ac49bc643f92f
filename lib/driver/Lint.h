// `iptlint FILE...`: all checks over each file.
#pragma once

#include "driver/Options.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// Reads each file, runs the checks, and prints findings to \p out, a summary and what could not be read to \p err.
/// \returns 2 if a file or a line of it could not be read, else 1 if a finding is as bad as `--fail-on` says, else
///          3 if `--strict` and a rule is undecided, else 0.
int runLint(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
