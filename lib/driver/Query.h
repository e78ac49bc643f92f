// `iptlint query FILE -- MATCH...`: what becomes of all packets of a kind, grouped by fate.
#pragma once

#include "driver/Options.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// \param out  the groups; \param err what could not be read.
/// \returns 0; 2 if a file or the match could not be read in whole; 3 if the fate of some packets is unknown.
int runQuery(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
