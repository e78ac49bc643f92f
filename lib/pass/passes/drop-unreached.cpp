// Removes the rules that no packet reaches.
//
// Before: jumps are bound to chains. Tables that a later one replaces, and fragments, are left alone.
// After:  every rule that stays is reached by some packet, or stays for one of these reasons: nothing shows
//         that it is dead; it counts packets and nothing else; a condition of it acts although the rule
//         never matches; it could not be read; it makes, by being loaded, the estimator that others name (RATEEST); it is the one rule that makes the kernel track
//         connections; no built-in chain leads to it, so that it costs nothing and may be there for
//         a jump to come, as programs keep chains in store. Verdicts, effects and the counters of
//         the rules that stay are the same for every packet. Chains stay, since others may fill them.
//
// For example, the second rule goes and the third stays:
//     -A INPUT -s 10.0.0.0/8 -j DROP
//     -A INPUT -s 10.1.2.3/32 -j ACCEPT
//     -A INPUT -s 10.1.2.3/32
#include "analysis/Reach.h"
#include "pass/Pass.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass::passes {

/// By chain and rule: goes or stays.
using Going = std::vector<std::vector<bool>>;

static bool mayGo(const ir::Rule &rule, const analysis::RuleReach &reach) {
  return reach.status == analysis::Status::Dead && !reach.hasEffectWhenDead && !rule.broken &&
         rule.target.kind != ir::TargetKind::None && rule.target.name != "RATEEST";
}

static Going deadRules(const ir::Table &table, packet::Family family) {
  analysis::ReachOptions options;
  options.defragmented = analysis::usesConntrack(table);
  options.explain = false;
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  analysis::TableReach reach = computeReach(table, family, graph, options);
  Going going(table.chains.size());
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    for (uint32_t rule = 0; rule != table.chains[chain].rules.size(); ++rule)
      going[chain].push_back(graph.reachedFromHook[chain] &&
                             mayGo(table.chains[chain].rules[rule], reach[{chain, rule}]));
  return going;
}

static ir::Table without(ir::Table table, const Going &going) {
  for (size_t chain = 0; chain != table.chains.size(); ++chain) {
    std::vector<ir::Rule> kept;
    for (size_t rule = 0; rule != going[chain].size(); ++rule)
      if (!going[chain][rule])
        kept.push_back(std::move(table.chains[chain].rules[rule]));
    table.chains[chain].rules = std::move(kept);
  }
  return table;
}

static bool tracksConnections(const ir::Rule &rule) {
  ir::Table alone;
  alone.chains.emplace_back().rules.push_back(rule);
  return analysis::usesConntrack(alone);
}

/// Lets the first rule that makes the kernel track connections stay: without any, fragments would come to the
/// rules one by one.
static void keepTracking(const ir::Table &table, Going &going) {
  for (size_t chain = 0; chain != going.size(); ++chain)
    for (size_t rule = 0; rule != going[chain].size(); ++rule)
      if (going[chain][rule] && tracksConnections(table.chains[chain].rules[rule])) {
        going[chain][rule] = false;
        return;
      }
}

static ir::Table tidied(const ir::Table &table, packet::Family family) {
  if (table.replaced || table.fragment)
    return table;
  Going going = deadRules(table, family);
  ir::Table left = without(table, going);
  if (analysis::usesConntrack(left) == analysis::usesConntrack(table))
    return left;
  keepTracking(table, going);
  return without(table, going);
}

static ir::Ruleset run(const ir::Ruleset &in) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    table = tidied(table, in.family);
  return out;
}

extern constinit const Pass drop_unreached = {
    .id = "drop-unreached",
    .summary = "remove rules that no packet reaches",
    .run = run,
};

} // namespace iptlint::pass::passes
