// `iptlint trace FILE PACKET`: one packet through every hook of a machine, rule by rule.
#pragma once

#include "driver/Options.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// \param out  what becomes of the packet; \param err what could not be read.
/// \returns 0; 2 if a file or the packet could not be read in whole; 3 if what becomes of it is not known.
int runTrace(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
