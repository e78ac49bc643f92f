// A chain of a Kubernetes service or endpoint that no rule leads to: kube-proxy has left it behind.
//
// unused-chain leaves out what programs write. Chains that only such a chain leads to are not named one by one.
#include "lint/Check.h"
#include "lint/Kube.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

/// Whether the text has the chain that leads to all services: a listing of single chains has not.
static bool hasServices(const TableFacts &table) {
  const auto &chains = table.table->chains;
  for (uint32_t c = 0; c != chains.size(); ++c)
    if (chains[c].name == "KUBE-SERVICES" && table.graph.reachedFromHook[c])
      return !table.table->fragment;
  return false;
}

/// Whether a rule that could not be read may lead anywhere.
static bool hasBroken(const TableFacts &table) {
  return llvm::any_of(table.table->chains, [](const ir::Chain &chain) {
    return llvm::any_of(chain.rules, [](const ir::Rule &rule) { return rule.broken; });
  });
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables) {
    if (!hasServices(table) || hasBroken(table))
      continue;
    for (uint32_t c = 0; c != table.table->chains.size(); ++c) {
      const ir::Chain &chain = table.table->chains[c];
      bool isService = isServiceChain(chain.name);
      if ((isService || isEndpointChain(chain.name)) && table.graph.callers[c].empty())
        report.add(table, chain,
                   fmt::format("no rule leads to this chain of {}{}", isService ? "a service" : "an endpoint",
                               serviceOf(table, c).empty() ? "" : ": " + serviceOf(table, c).str()));
    }
  }
}

extern constinit const Check stale_chain = {
    .id = "stale-chain",
    .summary = "a chain of a Kubernetes service or endpoint that no rule leads to",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
