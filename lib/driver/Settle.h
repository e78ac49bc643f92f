// The solver's answers about single rules: for those that the search gave up, and against those it calls dead.
#pragma once

#include "lint/Facts.h"
#include "report/Witness.h"
#include "smt/Arrival.h"

namespace iptlint::driver {

/// Asks the solver about every rule that is Unknown and puts its answers into \p facts. A rule that it finds live has
/// a packet then, one that it finds dead no takers. What stays open says why in RuleReach::reason.
/// \param budget  wall time for each rule.
void settle(lint::Facts &facts, std::chrono::milliseconds budget);

/// Whether the solver agrees that no packet gets to a dead rule: because of \p takers alone, else because of all rules.
report::Certificate certify(const smt::Arrivals &arrivals, ir::RuleId rule, const std::set<ir::RuleId> &takers,
                            std::chrono::milliseconds budget);

} // namespace iptlint::driver
