// Whether two built-in chains are the same, rule by rule, with all that they reach.
//
// Equality by congruence: what is the same means the same, whatever it means, so this holds for rules
// that no encoding covers. Nothing is asked of the solver, and answers count such pairs apart.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::smt {

/// Chains are paired by name. Rules are the same if they have the same tests in the same order and the same
/// target; one that could not be read, if it has the same words. Counters, comments and places do not count.
bool unchanged(const ir::Table &before, const ir::Chain &beforeChain, const ir::Table &after,
               const ir::Chain &afterChain);

} // namespace iptlint::smt
