#include "tree/Condition.h"
#include "ir/Reads.h"

namespace iptlint::tree {

static bool isStateful(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

static bool isCuttable(const ir::Test &test, const FieldSet &written) {
  if (std::holds_alternative<ir::OpaqueTest>(test))
    return false;
  bool asItEntered = true;
  ir::forEachRead(test, [&](Field field, Value) { asItEntered &= !written.test(unsigned(field)); });
  return asItEntered;
}

Judgement judgeRule(const ir::Rule &rule, const Region &region, const FieldSet &written, uint32_t open) {
  Judgement all;
  for (size_t i = 0; i != rule.tests.size(); ++i) {
    if (!(open & bitOf(i)))
      continue;
    Truth truth = judge(rule.tests[i], region, written);
    all.met = std::min(all.met, truth);
    if (truth == Truth::Always)
      continue;
    all.open |= bitOf(i);
    if (truth == Truth::Never)
      return all;
    all.acts |= isStateful(rule.tests[i]);
    if (isCuttable(rule.tests[i], written))
      all.cuttable |= bitOf(i);
  }
  return all;
}

bool keepsState(const ir::Rule &rule, uint32_t open) {
  for (size_t i = 0; i != rule.tests.size(); ++i)
    if ((open & bitOf(i)) && isStateful(rule.tests[i]))
      return true;
  return false;
}

} // namespace iptlint::tree
