// A user chain that no built-in chain leads to.
//
// Its rules are dead with it; they get no finding of their own, unless their condition is never met
// anyway. In a text without chain lines the jump may be loaded already, so nothing is said; nor about the
// chains that agents keep in store.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables) {
    if (table.table->fragment)
      continue;
    for (uint32_t c = 0; c != table.table->chains.size(); ++c) {
      const ir::Chain &chain = table.table->chains[c];
      if (table.graph.reachedFromHook[c] || isMadeByAgent(*table.table, chain.name))
        continue;
      Finding finding = report.add(table, chain, "nothing leads to chain " + chain.name);
      if (!chain.rules.empty())
        finding.append(", so its " + count(chain.rules.size(), "rule") + (chain.rules.size() == 1 ? " never sees a packet" : " never see a packet"));
    }
  }
}

extern constinit const Check unused_chain = {
    .id = "unused-chain",
    .summary = "a user chain that no built-in chain leads to",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
