// The command line: what was typed, to Options.
//
// CLI11 and its exceptions stop here; NetworkOptions.h adds options for it.
#pragma once

#include "driver/Options.h"
#include "llvm/Support/raw_ostream.h"
#include <variant>

namespace iptlint::driver {

/// Reads the command line. Where it asks for help or the version, that is printed to \p out; what is wrong
/// with it is said in a line on \p err.
/// \returns the options, or the exit code where there is nothing more to do: 0, or 2 for bad usage.
std::variant<Options, int> readCommandLine(int argc, const char *const *argv, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
