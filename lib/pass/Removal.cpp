#include "pass/Removal.h"
#include "analysis/Reach.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass {

Going noneGoing(const ir::Table &table) {
  Going going;
  for (const ir::Chain &chain : table.chains)
    going.emplace_back(chain.rules.size());
  return going;
}

std::vector<ir::SourceRange> placesOf(const ir::Chain &chain) {
  std::vector<ir::SourceRange> places{chain.at};
  for (const ir::Rule &rule : chain.rules)
    places.push_back(rule.at);
  return places;
}

bool hasBrokenRule(const ir::Table &table) {
  return llvm::any_of(table.chains, [](const ir::Chain &chain) {
    return llvm::any_of(chain.rules, [](const ir::Rule &rule) { return rule.broken; });
  });
}

static bool tracksConnections(const ir::Rule &rule) {
  ir::Table alone;
  alone.chains.emplace_back().rules.push_back(rule);
  return analysis::usesConntrack(alone);
}

std::optional<ir::RuleId> keepTracking(const ir::Table &table, Going &going) {
  std::optional<ir::RuleId> first;
  for (uint32_t chain = 0; chain != going.size(); ++chain)
    for (uint32_t rule = 0; rule != going[chain].size(); ++rule) {
      if ((going[chain][rule] && first) || !tracksConnections(table.chains[chain].rules[rule]))
        continue;
      if (!going[chain][rule])
        return std::nullopt;
      first = ir::RuleId{chain, rule};
    }
  if (first)
    going[first->chain][first->rule] = false;
  return first;
}

ir::Table without(ir::Table table, const Going &going) {
  for (size_t chain = 0; chain != table.chains.size(); ++chain) {
    std::vector<ir::Rule> kept;
    for (size_t rule = 0; rule != going[chain].size(); ++rule)
      if (!going[chain][rule])
        kept.push_back(std::move(table.chains[chain].rules[rule]));
    table.chains[chain].rules = std::move(kept);
  }
  return table;
}

ir::Table withoutChains(ir::Table table, const std::vector<bool> &goes) {
  std::vector<uint32_t> numbers(goes.size(), ir::kNoChain);
  std::vector<ir::Chain> kept;
  for (size_t chain = 0; chain != goes.size(); ++chain)
    if (!goes[chain]) {
      numbers[chain] = uint32_t(kept.size());
      kept.push_back(std::move(table.chains[chain]));
    }
  table.chains = std::move(kept);
  for (ir::Chain &chain : table.chains)
    for (ir::Rule &rule : chain.rules)
      if (rule.target.chain != ir::kNoChain)
        rule.target.chain = numbers[rule.target.chain];
  return table;
}

} // namespace iptlint::pass
