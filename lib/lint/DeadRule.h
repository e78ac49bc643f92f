// What the findings about dead rules have in common: who takes the packets, and who wrote the rule.
#pragma once

#include "lint/Check.h"
#include <optional>

namespace iptlint::lint {

/// Adds a finding about a dead rule. Where an agent wrote it, the finding says so and is info: nobody can mend
/// it. Where a rule of the user's takes packets that an agent's rule decides otherwise, somebody can, and the
/// check's own severity stays.
Finding addDeadRule(Reporter &report, const RuleFacts &rule, const llvm::Twine &message);

/// Notes who takes the packets of a dead rule, the contrary one first.
void noteTakers(Finding &finding, const Facts &facts, const RuleFacts &rule);

/// Of a dead rule that logs: the rule right before it, but for others that log, that ends the table for its packets and
/// has the same condition; what limits the logging (-m limit ...) does not count. Nothing where others take packets as
/// well.
std::optional<RuleFacts> verdictBeforeLog(const RuleFacts &rule);

/// Proposes to take out a rule that gets no packets, or notes that it acts all the same. What an agent wrote it
/// would write again.
void proposeRemoval(Finding &finding, const RuleFacts &rule);

} // namespace iptlint::lint
