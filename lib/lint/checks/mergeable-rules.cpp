// Rules that differ in one address or port, where one rule would do.
//
// Each rule costs every packet that passes it, and a list of twenty is harder to read than one rule with twenty ports.
// What analysis offers may replace the first rule while the others go; no packet would notice. The rule is put together
// out of the first one's words. Agents' rules are theirs.
#include "analysis/MergedWords.h"
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::Merge;
using llvm::StringRef;

static constexpr size_t kMostNotes = 15;

static void reportMerge(const Facts &facts, const TableFacts &table, const Merge &merge, Reporter &report) {
  RuleFacts first{table, merge.rules.front()};
  auto isAgents = [&](ir::RuleId id) { return !agentOfRule({table, id}).empty(); };
  auto words = analysis::mergedWords(first.rule(), merge, facts.ruleset->family);
  if (!words || llvm::any_of(merge.rules, isAgents))
    return;
  Finding finding = report.add(first, fmt::format("one rule would do for these {}: -A {} {}", merge.rules.size(),
                                                  first.chain().name.str(), llvm::join(*words, " ")));
  llvm::ArrayRef<ir::RuleId> others = llvm::makeArrayRef(merge.rules).drop_front();
  for (ir::RuleId other : others.take_front(kMostNotes))
    finding.note(table, other, "this " + wordsFor(RuleFacts{table, other}.rule()) + " would go");
  if (others.size() > kMostNotes)
    finding.append(fmt::format("; the next {} are named", kMostNotes));
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (const Merge &merge : table.reach.merges)
      reportMerge(facts, table, merge, report);
}

extern constinit const Check mergeable_rules = {
    .id = "mergeable-rules",
    .summary = "rules that differ in one address or port, where one rule would do",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
    .needs = &analysis::Extras::merges,
};

} // namespace iptlint::lint::checks
