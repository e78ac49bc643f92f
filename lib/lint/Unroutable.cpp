#include "lint/Unroutable.h"
#include "ir/Nat.h"
#include "lint/Hooks.h"
#include "lint/NetworkWords.h"
#include <fmt/format.h>

namespace iptlint::lint {

using analysis::Ways;
using ir::Interval;

static const Interval *newDestination(const RuleFacts &rule) {
  const ir::Target &target = rule.rule().target;
  bool translates = target.name == "DNAT" && target.nat && target.nat->addresses;
  return translates ? &*target.nat->addresses : nullptr;
}

void eachUnroutable(const Facts &facts, llvm::function_ref<void(const RuleFacts &, const Ways &)> visit) {
  if (!facts.network)
    return;
  analysis::Routable routable(*facts.network, facts.ruleset->family);
  if (!routable.known())
    return;
  auto seesArrivals = [](uint8_t hooks) { return hooks & bitOf(packet::Hook::Prerouting); };
  eachLiveRule(facts, seesArrivals, [&](const RuleFacts &rule, uint8_t) {
    const Interval *to = newDestination(rule);
    if (Ways ways = to ? routable.waysTo(*to) : Ways(); to && ways.none())
      visit(rule, ways);
  });
}

std::string whyUnroutable(const Facts &facts, const RuleFacts &rule, const Ways &ways) {
  std::string to = addressesText(*newDestination(rule), facts.ruleset->family);
  if (ways.refusals.empty())
    return "no route leads to " + to;
  return fmt::format("{} refuses packets to {}", wordsFor(*facts.network, *ways.refusals.front()), to);
}

} // namespace iptlint::lint
