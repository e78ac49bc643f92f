#include "Surgery.h"
#include <cassert>

namespace iptlint::oracle {

using ir::RuleId;
using ir::TargetKind;

bool mayTake(const ir::Rule &rule) {
  switch (rule.target.kind) {
  case TargetKind::Accept:
  case TargetKind::Drop:
  case TargetKind::Verdict:
  case TargetKind::Return:
    return !rule.broken;
  case TargetKind::Goto:
    return !rule.broken && rule.target.chain != ir::kNoChain;
  default:
    return false;
  }
}

static bool leadsTo(const ir::Table &table, uint32_t from, uint32_t to) {
  return from == to || llvm::any_of(table.chains[from].rules, [&](const ir::Rule &rule) {
           return rule.target.chain != ir::kNoChain && leadsTo(table, rule.target.chain, to);
         });
}

std::vector<ir::Table> disarmed(const ir::Table &table, RuleId id, llvm::ArrayRef<RuleId> armed) {
  std::vector<ir::Table> results = {table};
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    for (uint32_t index = 0; index != table.chains[chain].rules.size(); ++index) {
      RuleId each{chain, index};
      const ir::Rule &rule = table.chains[chain].rules[index];
      if (each != id && (!mayTake(rule) || llvm::is_contained(armed, each)))
        continue;
      std::vector<ir::Table> jumping;
      if (each != id && rule.target.kind == TargetKind::Goto && leadsTo(table, rule.target.chain, id.chain))
        jumping = results;
      for (ir::Table &result : results)
        result.chains[chain].rules[index].target = {};
      for (ir::Table &result : jumping)
        result.chains[chain].rules[index].target.kind = TargetKind::Jump;
      llvm::append_range(results, jumping);
    }
  return results;
}

static void leaveEndedChains(Places &places, uint32_t chain) {
  while (places.back().chain != chain)
    places.pop_back();
}

std::vector<Places> placesOf(const ir::Table &table, const eval::Outcome &outcome) {
  std::vector<Places> all;
  Places places;
  for (eval::Step step : outcome.steps) {
    if (places.empty())
      places.push_back({step.rule.chain, 0});
    leaveEndedChains(places, step.rule.chain);
    places.back() = {step.rule.chain, step.rule.rule};
    all.push_back(places);
    const ir::Target &target = table.chains[step.rule.chain].rules[step.rule.rule].target;
    bool calls = target.kind == TargetKind::Jump || target.kind == TargetKind::Goto;
    if (!calls || target.chain == ir::kNoChain)
      continue;
    places.back().gone = target.kind == TargetKind::Goto;
    places.push_back({target.chain, 0});
  }
  return all;
}

static std::vector<ir::Rule> rulesFrom(const ir::Chain &chain, size_t first) {
  return {chain.rules.begin() + first, chain.rules.end()};
}

/// What is left to do in a chain that called \p callee.
static std::vector<ir::Rule> restOfCaller(const ir::Chain &chain, const Place &place, uint32_t callee) {
  std::vector<ir::Rule> rules = rulesFrom(chain, place.gone ? chain.rules.size() : place.rule + 1);
  ir::Rule call;
  call.target.kind = TargetKind::Jump;
  call.target.chain = callee;
  rules.insert(rules.begin(), call);
  return rules;
}

ir::Table from(const ir::Table &table, const Places &places, packet::Hook hook) {
  ir::Table result = table;
  std::vector<ir::Rule> rules = rulesFrom(table.chains[places.back().chain], places.back().rule);
  rules.front().tests.clear();
  for (size_t depth = places.size() - 1; depth-- != 0;) {
    ir::Chain &callee = result.chains.emplace_back();
    callee.rules = std::move(rules);
    rules = restOfCaller(table.chains[places[depth].chain], places[depth], uint32_t(result.chains.size() - 1));
  }
  auto builtIn = llvm::find_if(result.chains, [&](const ir::Chain &chain) { return chain.hook == hook; });
  assert(builtIn != result.chains.end() && "the walk began in a chain of this hook");
  builtIn->rules = std::move(rules);
  return result;
}

} // namespace iptlint::oracle
