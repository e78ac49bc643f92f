// Whether two built-in chains are the same for the packets of a cell, rule by rule, with all that they reach.
//
// Equality by congruence: what is the same means the same, whatever it means, so this holds for rules
// that no encoding covers. Nothing is asked of the solver, and answers count such cells apart.
#pragma once

#include "smt/Instances.h"
#include "smt/Slice.h"

namespace iptlint::smt {

/// Callees are paired as the rules that lead to them are, so chains may have other names. Rules are the same if they
/// have the same tests in the same order and the same target; those that keep state, if besides they are the same
/// instance, since one bucket that is made two is not the same; one that could not be read, if it has the same words.
/// Counters, comments and places do not count.
/// Never so where one side does not name the chain.
bool unchanged(const Slice &before, const Instances &beforeInstances, const Slice &after,
               const Instances &afterInstances);

} // namespace iptlint::smt
