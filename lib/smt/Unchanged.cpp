#include "smt/Unchanged.h"
#include "llvm/ADT/STLExtras.h"
#include <set>

namespace iptlint::smt {

static bool sameTarget(const ir::Target &left, const ir::Target &right) {
  return left.kind == right.kind && left.name == right.name && left.options == right.options &&
         leadsToChain(left) == leadsToChain(right) && left.writes == right.writes && left.writesIf == right.writesIf &&
         left.rewritesUnmodelled == right.rewritesUnmodelled;
}

namespace {

class Sameness {
public:
  Sameness(const Slice &before, const Instances &beforeInstances, const Slice &after, const Instances &afterInstances)
      : before(before), after(after), beforeInstances(beforeInstances), afterInstances(afterInstances) {}

  bool run();

private:
  bool rules(const ir::Rule &left, const ir::Rule &right) const;
  bool chains(uint32_t left, uint32_t right);
  void pair(uint32_t left, uint32_t right) {
    if (seen.insert({left, right}).second)
      open.push_back({left, right});
  }

  const Slice &before, &after;
  const Instances &beforeInstances, &afterInstances;
  std::set<std::pair<uint32_t, uint32_t>> seen;
  std::vector<std::pair<uint32_t, uint32_t>> open;
};

} // namespace

bool Sameness::rules(const ir::Rule &left, const ir::Rule &right) const {
  if (left.broken || right.broken)
    return left.broken && right.broken && left.words == right.words;
  return left.tests == right.tests && sameTarget(left.target, right.target) &&
         beforeInstances.ruleName(left) == afterInstances.ruleName(right);
}

bool Sameness::chains(uint32_t left, uint32_t right) {
  llvm::ArrayRef<const ir::Rule *> lefts = before.rulesOf(left), rights = after.rulesOf(right);
  if (lefts.size() != rights.size())
    return false;
  for (size_t i = 0; i != lefts.size(); ++i) {
    if (!rules(*lefts[i], *rights[i]))
      return false;
    if (leadsToChain(lefts[i]->target))
      pair(lefts[i]->target.chain, rights[i]->target.chain);
  }
  return true;
}

bool Sameness::run() {
  if (!before.hook() || !after.hook() || before.hook()->policy != after.hook()->policy)
    return false;
  pair(before.numberOfHook(), after.numberOfHook());
  while (!open.empty()) {
    auto [left, right] = open.back();
    open.pop_back();
    if (!chains(left, right))
      return false;
  }
  return true;
}

bool unchanged(const Slice &before, const Instances &beforeInstances, const Slice &after,
               const Instances &afterInstances) {
  return before.size() == after.size() && Sameness(before, beforeInstances, after, afterInstances).run();
}

} // namespace iptlint::smt
