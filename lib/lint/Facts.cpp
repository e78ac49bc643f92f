#include "lint/Facts.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

static std::vector<analysis::DeadInMachine> machineOf(const Facts &facts, const analysis::ReachOptions &options) {
  std::vector<const ir::Table *> tables;
  std::vector<const analysis::CallGraph *> graphs;
  std::vector<const analysis::TableReach *> alone;
  for (const TableFacts &table : facts.tables) {
    tables.push_back(table.table);
    graphs.push_back(&table.graph);
    alone.push_back(&table.reach);
  }
  return analysis::computeMachine(tables, facts.ruleset->family, graphs, alone, options);
}

Facts gatherFacts(const ir::Ruleset &ruleset, const GatherOptions &wanted) {
  analysis::ReachOptions options;
  options.budget = wanted.budget;
  options.witnesses = wanted.witnesses;
  options.everyTaker = wanted.everyTaker;
  options.extras = wanted.extras;
  options.defragmented =
      llvm::any_of(ruleset.tables, [](const ir::Table &table) { return !table.replaced && analysis::usesConntrack(table); });
  Facts facts;
  facts.ruleset = &ruleset;
  facts.backEnd = wanted.backEnd;
  facts.perTable = wanted.perTable;
  for (const ir::Table &table : ruleset.tables) {
    if (table.replaced)
      continue;
    analysis::CallGraph graph = analysis::buildCallGraph(table);
    analysis::TableReach reach = analysis::computeReach(table, ruleset.family, graph, options);
    facts.tables.push_back({&table, std::move(graph), std::move(reach)});
  }
  options.extras = {}; // of single tables only
  // Listings and scripts need not show all tables.
  if (!wanted.perTable && ruleset.form == ir::Form::Save)
    facts.deadInMachine = machineOf(facts, options);
  return facts;
}

} // namespace iptlint::lint
