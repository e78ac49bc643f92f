// What one test of a field says about another one of the same field, and packet.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::smt {

/// No value meets both. Not every pair of two negated tests of which this holds is found.
bool excludeEachOther(const ir::RangeTest &left, const ir::RangeTest &right);

/// Every value that meets \p test meets \p other. Not every pair with a negated test is found.
bool implies(const ir::RangeTest &test, const ir::RangeTest &other);

} // namespace iptlint::smt
