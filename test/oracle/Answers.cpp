#include "Answers.h"
#include <cassert>

namespace iptlint::oracle {

void EveryAnswer::begin() {
  position = 0;
  questions.clear();
  tests.clear();
  known.clear();
}

bool EveryAnswer::another() {
  while (!choices.empty() && choices.back().taken + 1 == choices.back().count)
    choices.pop_back();
  if (choices.empty())
    return false;
  ++choices.back().taken;
  return true;
}

unsigned EveryAnswer::choose(unsigned count) {
  if (count == 1)
    return 0;
  if (position == choices.size())
    choices.push_back({0, count});
  return choices[position++].taken;
}

bool EveryAnswer::meets(const ir::OpaqueTest &test) {
  questions.push_back({Question::Meets, test.text});
  tests.push_back(&test);
  return choose(2);
}

bool EveryAnswer::holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) {
  if (afterRewrites) {
    assert(rewrites <= kMaxRewrites && "more rewritings than there are bits for");
    size_t function = size_t(llvm::find(space.functions, test.text.str()) - space.functions.begin());
    return *afterRewrites >> (function * kMaxRewrites + rewrites - 1) & 1;
  }
  for (const Known &each : known)
    if (each.text == test.text && each.rewrites == rewrites)
      return each.holds;
  questions.push_back({Question::HoldsAfterRewrite, test.text});
  known.push_back({test.text, rewrites, choose(2) != 0});
  return known.back().holds;
}

Value EveryAnswer::anyValue(Field field) {
  const std::vector<Value> &values = space.of(field);
  questions.push_back({Question::AnyValue, packet::name(field)});
  return values[choose(values.size())];
}

bool EveryAnswer::opaqueTargetEnds(const ir::Rule &rule) {
  questions.push_back({Question::Ends, rule.target.name});
  return choose(2);
}

bool EveryAnswer::opaqueTargetReturns(const ir::Rule &rule) {
  questions.push_back({Question::Returns, rule.target.name});
  return choose(2);
}

bool EveryAnswer::brokenRuleMatches(const ir::Rule &rule) {
  questions.push_back({Question::BrokenMatches, rule.target.name});
  return choose(2);
}

bool EveryAnswer::policyAccepts(const ir::Chain &chain) {
  questions.push_back({Question::Policy, chain.name});
  return choose(2);
}

} // namespace iptlint::oracle
