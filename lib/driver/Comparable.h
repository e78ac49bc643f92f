// A rule set with each rule's tests in one order and form, so that two ways of writing a rule are seen to be the same
// without a solver.
//
// What nft text is read back as asks the same in another order, and its rules have no words of iptables'.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::driver {

/// \p ruleset with, in every rule: tests that keep no state sorted, between those that do; each of them once, and
/// ranges said positively. Rules that keep state have words that say what they test and do, by which the proof
/// pairs those of two rule sets. All else is as it was: the meaning is the same.
ir::Ruleset comparable(const ir::Ruleset &ruleset);

} // namespace iptlint::driver
