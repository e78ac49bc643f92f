// Whether other tables get in the way before filter decides.
//
// admits() is about one table alone. What it says of filter holds for the machine only if the tables before let such
// packets come as they are. That is asked here by the look of single rules: Yes errs on the side of yes.
#pragma once

#include "analysis/Admits.h"

namespace iptlint::analysis {

/// Whether a rule or policy of \p table, at PREROUTING or at \p hook, may refuse packets of \p kind, change them, or
/// do what is not known.
/// \param graph  of \p table.
bool mayActOn(const ir::Table &table, const CallGraph &graph, packet::Hook hook, const Kind &kind);

} // namespace iptlint::analysis
