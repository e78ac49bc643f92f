// Tables made out of tables, so that eval can be asked what would be if a rule were not there.
#pragma once

#include "Truth.h"

namespace iptlint::oracle {

/// Whether a target can keep a packet from the rules behind it: by ending the table, by RETURN or by goto.
bool mayTake(const ir::Rule &rule);

/// The tables in which only the rules of \p armed take packets, and \p id lets go on, too: other endings and RETURNs
/// let go on, other gotos let go on as well or are jumps. The latter only if they may lead to \p id: so there is a
/// table for each choice.
std::vector<ir::Table> disarmed(const ir::Table &table, ir::RuleId id, llvm::ArrayRef<ir::RuleId> armed);

/// Where a walk stands in one chain.
struct Place {
  uint32_t chain;
  uint32_t rule;     ///< the one that the walk came to last: the call for all places but the last
  bool gone = false; ///< it was a goto: nothing of this chain will be done any more
};
/// Where a walk stands, from the built-in chain on.
using Places = std::vector<Place>;

/// The places at each step of a run of \p table, or of a table that was made of it by disarming.
std::vector<Places> placesOf(const ir::Table &table, const eval::Outcome &outcome);

/// The table whose walk begins at these places, with the rule at the last of them, which matches whatever
/// its condition says.
ir::Table from(const ir::Table &table, const Places &places, packet::Hook hook);

} // namespace iptlint::oracle
