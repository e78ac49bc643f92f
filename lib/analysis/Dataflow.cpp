#include "analysis/Dataflow.h"

namespace iptlint::analysis {

using ir::TargetKind;

static Parts ofTarget(const ir::Rule &rule, const std::vector<Parts> &parts) {
  bool jumps = rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto;
  return jumps && rule.target.chain != ir::kNoChain ? parts[rule.target.chain] : Parts();
}

Parts Dataflow::readsOf(const ir::Rule &rule) const {
  return partsRead(rule) | readsOfTarget(rule) | ofTarget(rule, reads);
}

Parts Dataflow::readsOfTarget(const ir::Rule &rule) const {
  return partsWritten(rule).meets(readAnywhere) ? partsReadByTarget(rule) : Parts();
}

Parts Dataflow::writesOf(const ir::Rule &rule) const {
  return partsWritten(rule) | ofTarget(rule, writes);
}

Dataflow::Dataflow(const ir::Table &table, const CallGraph &graph)
    : reads(table.chains.size()), writes(table.chains.size()), readsAfter(table.chains.size()) {
  findRead(table);
  for (auto chain = graph.callersFirst.rbegin(); chain != graph.callersFirst.rend(); ++chain)
    for (const ir::Rule &rule : table.chains[*chain].rules) {
      reads[*chain] |= readsOf(rule);
      writes[*chain] |= writesOf(rule);
    }
  for (uint32_t chain : graph.callersFirst)
    passReadsToCallees(table.chains[chain], chain);
}

void Dataflow::findRead(const ir::Table &table) {
  std::vector<const ir::Rule *> copying;
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      readAnywhere |= partsRead(rule);
      if (partsReadByTarget(rule).any())
        copying.push_back(&rule);
    }
  // Each round adds a field, or a bit of a mark, or is the last.
  for (Parts before;; before = readAnywhere) {
    for (const ir::Rule *rule : copying)
      readAnywhere |= readsOfTarget(*rule);
    if (before == readAnywhere)
      return;
  }
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
