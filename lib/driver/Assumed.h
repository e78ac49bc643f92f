// Which conditions without a model a witness relies on.
//
// Analysis gives each of them a truth value, most of which have no part in the rule being reached.
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"

namespace iptlint::driver {

/// \p witness without the assumptions that cannot matter to it: those that only rules name whose other
/// conditions it does not meet, or that stand in another hook's chain or behind \p rule in its built-in chain. Errs on the side of keeping.
packet::Packet withoutIdleAssumptions(packet::Packet witness, const ir::Table &table, ir::RuleId rule);

} // namespace iptlint::driver
