#include "DeadRules.h"

namespace iptlint::oracle {

DeadRules deadRules(const ir::Ruleset &ruleset) {
  std::vector<const ir::Table *> tables;
  std::vector<analysis::CallGraph> graphs(ruleset.tables.size());
  std::vector<analysis::TableReach> alone(ruleset.tables.size());
  std::vector<const analysis::CallGraph *> graphsOf;
  std::vector<const analysis::TableReach *> aloneOf;
  for (uint32_t t = 0; t != ruleset.tables.size(); ++t) {
    const ir::Table &table = ruleset.tables[t];
    graphs[t] = analysis::buildCallGraph(table);
    alone[t] = analysis::computeReach(table, ruleset.family, graphs[t], {.explain = false});
    tables.push_back(&table);
    graphsOf.push_back(&graphs[t]);
    aloneOf.push_back(&alone[t]);
  }
  DeadRules dead;
  forEachRule(ruleset, [&](const analysis::TableRule &rule) {
    if (alone[rule.table][rule.rule].status == analysis::Status::Dead)
      dead.all.insert(rule);
  });
  dead.inMachine = analysis::computeMachine(tables, ruleset.family, graphsOf, aloneOf, {});
  for (const analysis::DeadInMachine &more : dead.inMachine)
    dead.all.insert(more.rule);
  return dead;
}

llvm::StringRef lineOf(const ir::Ruleset &ruleset, const analysis::TableRule &rule) {
  return ruleset.source->slice(ruleset.tables[rule.table].chains[rule.rule.chain].rules[rule.rule.rule].at);
}

} // namespace iptlint::oracle
