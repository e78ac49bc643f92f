#include "analysis/Dataflow.h"

namespace iptlint::analysis {

using ir::TargetKind;

static Parts ofTarget(const ir::Rule &rule, const std::vector<Parts> &parts) {
  bool jumps = rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto;
  return jumps && rule.target.chain != ir::kNoChain ? parts[rule.target.chain] : Parts();
}

Parts Dataflow::readsOf(const ir::Rule &rule) const { return partsRead(rule) | ofTarget(rule, reads); }

Parts Dataflow::writesOf(const ir::Rule &rule) const { return partsWritten(rule) | ofTarget(rule, writes); }

Dataflow::Dataflow(const ir::Table &table, const CallGraph &graph)
    : reads(table.chains.size()), writes(table.chains.size()), readsAfter(table.chains.size()) {
  for (auto chain = graph.callersFirst.rbegin(); chain != graph.callersFirst.rend(); ++chain)
    for (const ir::Rule &rule : table.chains[*chain].rules) {
      reads[*chain] |= readsOf(rule);
      writes[*chain] |= writesOf(rule);
    }
  for (uint32_t chain : graph.callersFirst)
    passReadsToCallees(table.chains[chain], chain);
}

void Dataflow::passReadsToCallees(const ir::Chain &chain, uint32_t id) {
  Parts later = readsAfter[id];
  for (auto rule = chain.rules.rbegin(); rule != chain.rules.rend(); ++rule) {
    const ir::Target &target = rule->target;
    if (target.chain != ir::kNoChain && target.kind == TargetKind::Jump)
      readsAfter[target.chain] |= later;
    else if (target.chain != ir::kNoChain && target.kind == TargetKind::Goto)
      readsAfter[target.chain] |= readsAfter[id];
    later |= readsOf(*rule);
  }
}

} // namespace iptlint::analysis
