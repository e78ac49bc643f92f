// Removes the user chains that no built-in chain leads to.
//
// Before: jumps are bound to chains. Programs that add a jump later, by name, have been thought of: this runs only
//         with --chains=rewrite.
// After:  a built-in chain leads to every user chain, but for those that a program makes for itself or for the user
//         (Docker, fail2ban...), those that such a chain leads to, those that a rule that could not be read may lead
//         to, and those that do something by being loaded: make the kernel track connections, where nothing else does,
//         or an estimator (RATEEST).
//
// For example, with no rule that names it, the chain old-lan goes with its rules.
#include "analysis/Agents.h"
#include "analysis/CallGraph.h"
#include "analysis/Reach.h"
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass::passes {

static bool isNeededByItself(const ir::Table &table, const ir::Chain &chain) {
  auto makesEstimator = [](const ir::Rule &rule) { return rule.target.name == "RATEEST" || rule.broken; };
  return chain.hook || analysis::isMadeByAgent(table, chain.name) || llvm::any_of(chain.rules, makesEstimator);
}

/// By chain: it stays, with all that it leads to.
static std::vector<bool> needed(const ir::Table &table, const analysis::CallGraph &graph) {
  std::vector<bool> stays = analysis::chainsOfBrokenRules(table, graph);
  std::vector<uint32_t> open;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain) {
    stays[chain] = stays[chain] || graph.reachedFromHook[chain] || isNeededByItself(table, table.chains[chain]);
    if (stays[chain])
      open.push_back(chain);
  }
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    for (const analysis::CallGraph::Site &site : graph.callees[chain])
      if (!stays[site.target]) {
        stays[site.target] = true;
        open.push_back(site.target);
      }
  }
  return stays;
}

/// The chains that go; none where without them the kernel would track no connections.
static std::vector<bool> unusedChains(const ir::Table &table) {
  std::vector<bool> goes = needed(table, analysis::buildCallGraph(table));
  goes.flip();
  if (analysis::usesConntrack(withoutChains(table, goes)) != analysis::usesConntrack(table))
    goes.assign(goes.size(), false);
  return goes;
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables) {
    if (isLeftAlone(table))
      continue;
    std::vector<bool> goes = unusedChains(table);
    for (uint32_t chain = 0; chain != goes.size(); ++chain)
      if (goes[chain])
        record.changes.push_back({Did::DropChain, table.name, table.chains[chain].name, placesOf(table.chains[chain])});
    table = withoutChains(std::move(table), goes);
  }
  return out;
}

extern constinit const Pass drop_unused_chains = {
    .id = "drop-unused-chains",
    .summary = "remove user chains that no built-in chain leads to",
    .run = run,
};

} // namespace iptlint::pass::passes
