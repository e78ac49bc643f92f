// The whole of `iptlint`, behind main().
#pragma once

#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// Runs the command that the command line names. \returns the exit code.
int run(int argc, const char *const *argv, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
