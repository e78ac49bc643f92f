#include "lint/Facts.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

Facts gatherFacts(const ir::Ruleset &ruleset, const GatherOptions &wanted) {
  analysis::ReachOptions options;
  options.budget = wanted.budget;
  options.witnesses = wanted.witnesses;
  options.defragmented =
      llvm::any_of(ruleset.tables, [](const ir::Table &table) { return !table.replaced && analysis::usesConntrack(table); });
  Facts facts;
  facts.ruleset = &ruleset;
  facts.backend = wanted.backend;
  for (const ir::Table &table : ruleset.tables) {
    if (table.replaced)
      continue;
    analysis::CallGraph graph = analysis::buildCallGraph(table);
    analysis::TableReach reach = analysis::computeReach(table, ruleset.family, graph, options);
    facts.tables.push_back({&table, std::move(graph), std::move(reach)});
  }
  return facts;
}

} // namespace iptlint::lint
