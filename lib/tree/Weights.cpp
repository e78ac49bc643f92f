#include "tree/Weights.h"

namespace iptlint::tree {

template <typename Visit> static void forEachRule(const ir::Table &table, Visit visit) {
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      visit(rule);
}

// A save without -c has counters at its policies alone, which say nothing of the rules.
Weights::Weights(const ir::Table &table) : entering(table.chains.size()) {
  forEachRule(table, [&](const ir::Rule &rule) { counted |= rule.counters && rule.counters->packets != 0; });
  forEachRule(table, [&](const ir::Rule &rule) {
    bool leads = rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto;
    if (leads && rule.target.chain != ir::kNoChain)
      entering[rule.target.chain] += of(rule);
  });
}

} // namespace iptlint::tree
