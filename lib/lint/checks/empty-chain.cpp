// A user chain without rules that rules jump to.
//
// Every jump there comes straight back. A chain that nothing leads to is unused-chain's. Agents declare chains
// early and fill them later, or leave them to the user: those are as they should be.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables) {
    for (uint32_t c = 0; c != table.table->chains.size(); ++c) {
      const ir::Chain &chain = table.table->chains[c];
      if (chain.hook || !chain.rules.empty() || !table.graph.reachedFromHook[c] || isMadeByAgent(*table.table, chain.name))
        continue;
      const auto &callers = table.graph.callers[c];
      report.add(table, chain, "chain " + chain.name + " is empty, though " + count(callers.size(), "rule") + (callers.size() == 1 ? " leads" : " lead") + " there")
          .note(RuleFacts{table, callers.front().rule}, "this one for instance");
    }
  }
}

extern constinit const Check empty_chain = {
    .id = "empty-chain",
    .summary = "a chain without rules that rules jump to",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
