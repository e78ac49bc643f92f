// A chain of nat whose policy is DROP.
//
// iptables refuses DROP as a target there and as a policy on the command line; iptables-restore loads the policy all
// the same, on both back ends. It drops only what nat is asked about, the first packet of a flow.
#include "lint/Check.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

/// Where the chain is used as a filter: a rule that lets packets through the policy and translates nothing.
static void noteAllowing(Finding &finding, const TableFacts &table, uint32_t chain) {
  const std::vector<ir::Rule> &rules = table.table->chains[chain].rules;
  auto allowing = llvm::find_if(rules, [](const ir::Rule &rule) { return rule.target.kind == ir::TargetKind::Accept; });
  if (allowing != rules.end())
    finding.note(table, {chain, uint32_t(allowing - rules.begin())},
                 "this ACCEPT rule lets flows begin, and is no filter either");
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables) {
    const std::vector<ir::Chain> &chains = table.table->chains;
    for (uint32_t c = 0; table.table->name == "nat" && c != chains.size(); ++c) {
      if (chains[c].policy != ir::Policy::Drop)
        continue;
      Finding finding = report.add(table, chains[c],
                                   "the policy of " + chains[c].name +
                                       " in table nat drops only packets that begin a flow; it is no filter");
      noteAllowing(finding, table, c);
    }
  }
}

extern constinit const Check filter_in_nat = {
    .id = "filter-in-nat",
    .summary = "a policy of DROP in table nat, which sees no more than the first packet of a flow",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
