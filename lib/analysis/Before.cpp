#include "analysis/Before.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using ir::Rule;
using ir::TargetKind;

/// Whether the values that the two allow of one field have one in common; true where that is not seen at once.
static bool mayAgree(const ir::Test &left, const ir::Test &right) {
  auto *one = std::get_if<ir::RangeTest>(&left), *other = std::get_if<ir::RangeTest>(&right);
  bool comparable = one && other && one->field == other->field && !one->orField && !other->orField && !one->negated &&
                    !other->negated;
  return !comparable || llvm::any_of(one->ranges, [&](const ir::Interval &a) {
    return llvm::any_of(other->ranges, [&](const ir::Interval &b) { return a.lo <= b.hi && b.lo <= a.hi; });
  });
}

static bool mayMatch(const Rule &rule, const Kind &kind) {
  return llvm::all_of(rule.tests, [&](const ir::Test &asked) {
    return llvm::all_of(kind, [&](const ir::Test &of) { return mayAgree(asked, of); });
  });
}

static bool acts(const Rule &rule) {
  bool leadsNowhere = (rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto) &&
                      rule.target.chain == ir::kNoChain;
  return rule.broken || leadsNowhere || rule.target.kind == TargetKind::Drop ||
         rule.target.kind == TargetKind::Verdict || rule.target.kind == TargetKind::Opaque ||
         !rule.target.writes.empty();
}

bool mayActOn(const ir::Table &table, const CallGraph &graph, packet::Hook hook, const Kind &kind) {
  std::vector<bool> seen(table.chains.size());
  std::vector<uint32_t> open;
  for (uint32_t c = 0; c != table.chains.size(); ++c)
    if (table.chains[c].hook == hook || table.chains[c].hook == packet::Hook::Prerouting) {
      if (table.chains[c].policy == ir::Policy::Drop)
        return true;
      seen[c] = true;
      open.push_back(c);
    }
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    if (llvm::any_of(table.chains[chain].rules,
                     [&](const Rule &rule) { return acts(rule) && (rule.broken || mayMatch(rule, kind)); }))
      return true;
    for (const CallGraph::Site &site : graph.callees[chain])
      if (!seen[site.target]) {
        seen[site.target] = true;
        open.push_back(site.target);
      }
  }
  return false;
}

} // namespace iptlint::analysis
