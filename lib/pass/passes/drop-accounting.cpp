// Removes the rules that only count packets: those without a target.
//
// Before: nothing.
// After:  every rule has a target, but for rules with a condition that acts when it is evaluated (recent, limit...),
// which
//         may be there for that, and the one that makes the kernel track connections. What was counted is lost, which
//         is why this runs only where it is asked for.
//
// For example, the first rule goes and the second stays:
//     -A INPUT -s 10.0.0.0/8
//     -A INPUT -m recent --set --name seen
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass::passes {

static bool acts(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

static bool onlyCounts(const ir::Rule &rule) {
  return rule.target.kind == ir::TargetKind::None && !rule.broken && llvm::none_of(rule.tests, acts);
}

static ir::Table withoutAccounting(const ir::Table &table, Record &record) {
  Going going = noneGoing(table);
  for (size_t chain = 0; chain != going.size(); ++chain)
    for (size_t rule = 0; rule != going[chain].size(); ++rule)
      going[chain][rule] = onlyCounts(table.chains[chain].rules[rule]);
  keepTracking(table, going);
  for (size_t chain = 0; chain != going.size(); ++chain)
    for (size_t rule = 0; rule != going[chain].size(); ++rule)
      if (going[chain][rule])
        record.changes.push_back(
            {Did::DropAccounting, table.name, table.chains[chain].name, {table.chains[chain].rules[rule].at}});
  return without(table, going);
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    if (!isLeftAlone(table))
      table = withoutAccounting(table, record);
  return out;
}

extern constinit const Pass drop_accounting = {
    .id = "drop-accounting",
    .summary = "remove rules that only count packets",
    .run = run,
};

} // namespace iptlint::pass::passes
