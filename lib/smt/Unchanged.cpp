#include "smt/Unchanged.h"
#include "llvm/ADT/STLExtras.h"
#include <set>

namespace iptlint::smt {

static bool callsChain(const ir::Target &target) {
  return target.chain != ir::kNoChain && (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto);
}

static bool sameTarget(const ir::Target &left, const ir::Target &right) {
  return left.kind == right.kind && left.name == right.name && left.options == right.options &&
         callsChain(left) == callsChain(right) && left.writes == right.writes &&
         left.writesIf == right.writesIf &&
         left.rewritesUnmodelled == right.rewritesUnmodelled;
}

static bool sameRule(const ir::Rule &left, const ir::Rule &right) {
  if (left.broken || right.broken)
    return left.broken && right.broken && left.words == right.words;
  return left.tests == right.tests && sameTarget(left.target, right.target);
}

static bool sameChain(const ir::Chain &left, const ir::Chain &right) {
  return left.policy == right.policy &&
         std::equal(left.rules.begin(), left.rules.end(), right.rules.begin(), right.rules.end(), sameRule);
}

bool unchanged(const ir::Table &before, const ir::Chain &beforeChain, const ir::Table &after,
               const ir::Chain &afterChain) {
  using Pair = std::pair<const ir::Chain *, const ir::Chain *>;
  std::vector<Pair> open{{&beforeChain, &afterChain}};
  std::set<Pair> seen(open.begin(), open.end());
  while (!open.empty()) {
    auto [left, right] = open.back();
    open.pop_back();
    if (!sameChain(*left, *right))
      return false;
    for (size_t i = 0; i != left->rules.size(); ++i)
      if (callsChain(left->rules[i].target)) {
        Pair callees{&before.chains[left->rules[i].target.chain], &after.chains[right->rules[i].target.chain]};
        if (seen.insert(callees).second)
          open.push_back(callees);
      }
  }
  return true;
}

} // namespace iptlint::smt
