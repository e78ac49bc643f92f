// Jumps nested deeper than the nft back end loads.
//
// nft counts at most 16 chains, the built-in one among them; legacy has no such limit.
#include "lint/Check.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::kNftDepthLimit;
using support::Severity;

/// Only the jumps that cross the limit: what lies deeper goes with them.
static bool crossesLimit(const TableFacts &table, const analysis::CallGraph::Site &site) {
  return table.graph.depth[site.rule.chain] == kNftDepthLimit && table.graph.depth[site.target] > kNftDepthLimit;
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (const auto &sites : table.graph.callees)
      for (const analysis::CallGraph::Site &site : sites)
        if (crossesLimit(table, site))
          report.add(RuleFacts{table, site.rule},
                     fmt::format("this jump nests {} chains, and the nft back end loads at most {}", kNftDepthLimit + 1, kNftDepthLimit))
              .severity(facts.backEnd == ir::BackEnd::Nft ? Severity::Error : Severity::Info);
}

extern constinit const Check jump_too_deep = {
    .id = "jump-too-deep",
    .summary = "chains nested deeper than the nft back end loads",
    .severity = Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
