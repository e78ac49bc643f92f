#include "smt/RangePairs.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

static bool areDisjoint(const ir::RangeTest &left, const ir::RangeTest &right) {
  return llvm::none_of(left.ranges, [&](const ir::Interval &one) {
    return llvm::any_of(right.ranges,
                        [&](const ir::Interval &other) { return one.lo <= other.hi && other.lo <= one.hi; });
  });
}

/// Of what the ranges hold; ranges of one test are not adjacent, so each lies in one of the other's.
static bool isWithin(const ir::RangeTest &inner, const ir::RangeTest &outer) {
  return llvm::all_of(inner.ranges, [&](const ir::Interval &one) {
    return llvm::any_of(outer.ranges,
                        [&](const ir::Interval &other) { return other.lo <= one.lo && one.hi <= other.hi; });
  });
}

bool excludeEachOther(const ir::RangeTest &left, const ir::RangeTest &right) {
  if (left.negated && right.negated)
    return false;
  if (left.negated || right.negated)
    return left.negated ? isWithin(right, left) : isWithin(left, right);
  return areDisjoint(left, right);
}

bool implies(const ir::RangeTest &test, const ir::RangeTest &other) {
  if (test.negated)
    return other.negated && isWithin(other, test);
  return other.negated ? areDisjoint(test, other) : isWithin(test, other);
}

} // namespace iptlint::smt
