// Rules that share packets with later ones that decide otherwise, where neither has all packets of the other.
//
// The order alone decides about these packets, and whoever wrote the two rules may have thought of either.
// generalized-rule tells of pairs of which the later one has all packets of the earlier one, shadowed-rule of those
// where it is the other way round.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::Overlap;

static constexpr size_t kMostNotes = 3;

static void reportOverlap(const TableFacts &table, const Overlap &overlap, Reporter &report) {
  RuleFacts rule{table, overlap.rule};
  auto isUsers = [&](ir::RuleId id) { return agentOfRule({table, id}).empty(); };
  std::vector<const Overlap::Other *> others;
  for (const Overlap::Other &other : overlap.others)
    if (isUsers(other.rule))
      others.push_back(&other);
  if (others.empty() || !isUsers(overlap.rule))
    return;
  Finding finding =
      report.add(rule, fmt::format("this {} takes packets that {}{} would decide otherwise", wordsFor(rule.rule()),
                                   count(others.size(), "later rule"), overlap.more ? " or more" : ""));
  for (const Overlap::Other *other : llvm::makeArrayRef(others).take_front(kMostNotes)) {
    RuleFacts later{table, other->rule};
    finding.note(later, "this " + wordsFor(later.rule()) + " would have: " + packet::inIptablesWords(*other->packet));
  }
  if (others.size() > kMostNotes)
    finding.append(fmt::format("; the first {} are named", kMostNotes));
  if (overlap.last)
    finding.append("; there are too many to look at the rules after it");
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables) {
    // Rules that are loaded already may stand before these and take the packet.
    if (table.table->fragment)
      continue;
    for (const Overlap &overlap : table.reach.overlaps)
      reportOverlap(table, overlap, report);
  }
}

extern constinit const Check overlapping_rules = {
    .id = "overlapping-rules",
    .summary = "rules that share packets and decide otherwise, so that the order decides",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
    .needs = &analysis::Extras::overlaps,
};

} // namespace iptlint::lint::checks
