// Chains that jump round in a circle.
//
// The kernel refuses a circle that a built-in chain leads to, and `iptables-restore --test` does not
// say so beforehand. One that nothing leads to is loaded, and waits for the jump that brings it to life.
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using analysis::CallGraph;
using support::Severity;

static std::string chainsAlong(const TableFacts &table, const std::vector<CallGraph::Site> &cycle) {
  const std::vector<ir::Chain> &chains = table.table->chains;
  std::string names = chains[cycle.front().rule.chain].name.str();
  for (const CallGraph::Site &site : cycle)
    names += " to " + chains[site.target].name.str();
  return names;
}

static void reportCycle(const TableFacts &table, const std::vector<CallGraph::Site> &cycle, Reporter &report) {
  bool reached = table.graph.reachedFromHook[cycle.front().rule.chain];
  Finding finding = report.add(RuleFacts{table, cycle.front().rule}, "jumps lead round in a circle: " + chainsAlong(table, cycle));
  if (!reached)
    finding.append("; it loads, since no built-in chain leads there").severity(Severity::Info);
  for (const CallGraph::Site &site : llvm::drop_begin(cycle))
    finding.note(RuleFacts{table, site.rule}, "by way of this " + wordsFor(RuleFacts{table, site.rule}.rule()));
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (const std::vector<CallGraph::Site> &cycle : table.graph.cycles)
      reportCycle(table, cycle, report);
}

extern constinit const Check jump_cycle = {
    .id = "jump-cycle",
    .summary = "chains that jump round in a circle, which the kernel refuses",
    .severity = Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
