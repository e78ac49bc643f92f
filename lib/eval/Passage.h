// A packet in one table at one hook: rules, then what their verdict does to it.
#pragma once

#include "eval/Translation.h"

namespace iptlint::eval {

/// Runs the packet through the rules of a table at the hook where it is, and tells the steps.
/// \param place  nat: where it is; null for other tables.
/// \returns whether it goes on; otherwise the trip has ended.
bool passRules(Situation &situation, uint32_t table, const NatPlace *place);

/// Ends a trip.
/// \returns false, for passRules() and its like.
bool endTrip(Situation &situation, Ending ending, std::string reason = "");

} // namespace iptlint::eval
