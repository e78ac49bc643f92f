#include "smt/Condition.h"

namespace iptlint::smt {

static Value allOnes(unsigned bits) {
  return ~Value(0) >> (128 - bits);
}

/// How many low bits an aligned block from \p lo to \p hi leaves free; none if it is no such block.
static std::optional<unsigned> freeBits(Value lo, Value hi) {
  Value free = lo ^ hi;
  if ((free & (free + 1)) != 0 || (lo & free) != 0)
    return std::nullopt;
  unsigned count = 0;
  for (; free != 0; free >>= 1)
    ++count;
  return count;
}

static z3::expr within(Terms &terms, const z3::expr &value, ir::Interval interval) {
  unsigned bits = value.get_sort().bv_size();
  Value lo = interval.lo, hi = std::min(interval.hi, allOnes(bits));
  if (lo > hi)
    return terms.truth(false);
  if (std::optional<unsigned> free = freeBits(lo, hi)) {
    if (*free == bits)
      return terms.truth(true);
    return value.extract(bits - 1, *free) == terms.number(lo >> *free, bits - *free);
  }
  z3::expr above = lo == 0 ? terms.truth(true) : z3::uge(value, terms.number(lo, bits));
  z3::expr below = hi == allOnes(bits) ? terms.truth(true) : z3::ule(value, terms.number(hi, bits));
  return conjunction(above, below);
}

/// One disjunction of all: nested ones of long lists are too deep for the solver.
static z3::expr anyOf(Terms &terms, const z3::expr_vector &operands) {
  if (operands.empty())
    return terms.truth(false);
  return operands.size() == 1 ? operands[0] : z3::mk_or(operands);
}

static z3::expr inOneOf(Terms &terms, const z3::expr &value, llvm::ArrayRef<ir::Interval> ranges) {
  z3::expr_vector any(terms.context);
  for (ir::Interval interval : ranges) {
    z3::expr inside = within(terms, value, interval);
    if (inside.is_true())
      return inside;
    if (!inside.is_false())
      any.push_back(inside);
  }
  return anyOf(terms, any);
}

z3::expr holds(const ir::RangeTest &test, Terms &terms, Values values) {
  z3::expr met = inOneOf(terms, values(test.field), test.ranges);
  if (test.orField)
    met = disjunction(met, inOneOf(terms, values(*test.orField), test.ranges));
  return test.negated ? negation(met) : met;
}

z3::expr holds(const ir::MaskTest &test, Terms &terms, Values values) {
  z3::expr value = values(test.field);
  unsigned bits = value.get_sort().bv_size();
  // A mask wider than the field tests zeros, and a value outside the mask is never met.
  bool possible = (test.value & ~test.mask) == 0 && test.value <= allOnes(bits);
  z3::expr met = terms.truth(possible);
  if (possible)
    met = (value & terms.number(test.mask, bits)) == terms.number(test.value, bits);
  return test.negated ? negation(met) : met;
}

z3::expr holds(const ir::UnionTest &test, Terms &terms, Values values) {
  z3::expr_vector any(terms.context);
  for (const ir::Alternative &alternative : *test.alternatives) {
    z3::expr all = terms.truth(true);
    for (const auto &part : alternative)
      all = conjunction(all, std::visit([&](const auto &each) { return holds(each, terms, values); }, part));
    if (!all.is_false())
      any.push_back(all);
  }
  z3::expr met = anyOf(terms, any);
  return test.negated ? negation(met) : met;
}

} // namespace iptlint::smt
