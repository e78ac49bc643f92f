// Removes the rules that no packet reaches.
//
// Before: jumps are bound to chains. Tables that a later one replaces, and fragments, are left alone.
// After:  every rule that stays is reached by some packet, or stays for one of these reasons: nothing shows
//         that it is dead; it counts packets and nothing else; a condition of it acts although the rule
//         never matches; it could not be read; it makes, by being loaded, the estimator that others name (RATEEST); it
//         is the one rule that makes the kernel track connections; no built-in chain leads to it, so that it costs
//         nothing and may be there for a jump to come, as programs keep chains in store. Verdicts, effects and the
//         counters of the rules that stay are the same for every packet. Chains stay, since others may fill them.
//
// For example, the second rule goes and the third stays:
//     -A INPUT -s 10.0.0.0/8 -j DROP
//     -A INPUT -s 10.1.2.3/32 -j ACCEPT
//     -A INPUT -s 10.1.2.3/32
#include "analysis/Reach.h"
#include "pass/Pass.h"
#include "pass/Removal.h"

namespace iptlint::pass::passes {

using analysis::RuleReach;

namespace {

/// One table.
class Dropping {
public:
  Dropping(const ir::Table &table, packet::Family family, Record &record);

  ir::Table run();

private:
  llvm::StringLiteral whyItStays(ir::RuleId id) const;
  void keep(ir::RuleId id, llvm::StringLiteral why);
  void tell(ir::RuleId id);

  const ir::Table &table;
  Record &record;
  analysis::CallGraph graph;
  analysis::TableReach reach;
};

} // namespace

Dropping::Dropping(const ir::Table &table, packet::Family family, Record &record)
    : table(table), record(record), graph(analysis::buildCallGraph(table)) {
  analysis::ReachOptions options;
  options.defragmented = analysis::usesConntrack(table);
  options.explain = record.takers;
  options.explainOnly = [&](const analysis::TableReach &found) {
    std::set<ir::RuleId> dead;
    for (uint32_t chain = 0; chain != found.rules.size(); ++chain)
      for (uint32_t rule = 0; rule != found.rules[chain].size(); ++rule)
        if (graph.reachedFromHook[chain] && found[{chain, rule}].status == analysis::Status::Dead)
          dead.insert({chain, rule});
    return dead;
  };
  reach = computeReach(table, family, graph, options);
}

/// Of a dead rule; empty where nothing speaks for it.
llvm::StringLiteral Dropping::whyItStays(ir::RuleId id) const {
  const ir::Rule &rule = table.chains[id.chain].rules[id.rule];
  if (!graph.reachedFromHook[id.chain])
    return "no built-in chain leads to its chain, which may be kept for a jump to come";
  if (rule.target.kind == ir::TargetKind::None)
    return "it has no target and is there to count";
  if (reach[id].hasEffectWhenDead)
    return "a condition of it acts although the rule never matches";
  if (rule.target.name == "RATEEST")
    return "it makes, by being loaded, an estimator that others may name";
  return "";
}

void Dropping::keep(ir::RuleId id, llvm::StringLiteral why) {
  const ir::Chain &chain = table.chains[id.chain];
  record.kept.push_back({table.name, chain.name, chain.rules[id.rule].at, why});
}

void Dropping::tell(ir::RuleId id) {
  const ir::Chain &chain = table.chains[id.chain];
  bool unmatchable = reach[id].because == analysis::DeadBecause::NeverMatches;
  Change change{
      unmatchable ? Did::DropUnmatchable : Did::DropUnreached, table.name, chain.name, {chain.rules[id.rule].at}};
  for (const analysis::Taker &taker : reach[id].takers)
    change.because.push_back(table.chains[taker.rule.chain].rules[taker.rule.rule].at);
  record.changes.push_back(std::move(change));
}

ir::Table Dropping::run() {
  Going going = noneGoing(table);
  for (uint32_t chain = 0; chain != going.size(); ++chain)
    for (uint32_t rule = 0; rule != going[chain].size(); ++rule) {
      ir::RuleId id{chain, rule};
      if (reach[id].status != analysis::Status::Dead)
        continue;
      llvm::StringLiteral why = whyItStays(id);
      going[chain][rule] = why.empty();
      if (!why.empty())
        keep(id, why);
    }
  if (std::optional<ir::RuleId> tracking = keepTracking(table, going))
    keep(*tracking, "it is the one rule that makes the kernel track connections");
  for (uint32_t chain = 0; chain != going.size(); ++chain)
    for (uint32_t rule = 0; rule != going[chain].size(); ++rule)
      if (going[chain][rule])
        tell({chain, rule});
  return without(table, going);
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    if (!isLeftAlone(table))
      table = Dropping(table, in.family, record).run();
  return out;
}

extern constinit const Pass drop_unreached = {
    .id = "drop-unreached",
    .summary = "remove rules that no packet reaches",
    .run = run,
};

} // namespace iptlint::pass::passes
