// Whether what analysis says of a dead rule is so.
#pragma once

#include "Compare.h"

namespace iptlint::oracle {

/// What is wrong with the explanation of a rule that is dead; none if it is right.
std::optional<std::string> wrongExplanation(const ir::Table &table, const Universe &universe, ir::RuleId id,
                                            const analysis::RuleReach &said, const Effort &effort, Tally &tally);

} // namespace iptlint::oracle
