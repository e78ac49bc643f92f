// `iptlint witness FILE`: for every rule a packet that reaches and matches it, or who takes its packets.
#pragma once

#include "driver/Options.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// \returns 0; 2 if the file or a line of it could not be read.
int runWitness(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
