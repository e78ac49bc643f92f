// A rule that waits for a mark which no rule of the text sets.
//
// Marks come from elsewhere, too: sockets, traffic control, eBPF, IPsec. So the finding says what the rules do, no
// more, and is info; where sockets' packets are seen (OUTPUT, POSTROUTING) a mark of theirs is so usual that nothing is
// said.
#include "analysis/MarkValues.h"
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Hooks.h"
#include "lint/Marks.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using ir::Field;
using ir::MaskTest;

static constexpr uint8_t kBehindSockets = bitOf(packet::Hook::Output) | bitOf(packet::Hook::Postrouting);

static analysis::MarkValues markValuesOf(const Facts &facts) {
  std::vector<const ir::Table *> tables;
  std::vector<const analysis::CallGraph *> graphs;
  for (const TableFacts &of : facts.tables) {
    tables.push_back(of.table);
    graphs.push_back(&of.graph);
  }
  return {tables, graphs};
}

/// A mark that a rule of a chain with these hooks waits for, and that others of the text would have to set.
static const MaskTest *markOfRules(const ir::Test &test, uint8_t hooks) {
  const auto *mark = std::get_if<MaskTest>(&test);
  if (!mark || (mark->field != Field::Mark && mark->field != Field::ConnMark))
    return nullptr;
  return mark->field == Field::Mark && (hooks & kBehindSockets) ? nullptr : mark;
}

static bool isReportedElsewhere(const RuleFacts &rule, const Facts &facts) {
  return rule.dead() || llvm::any_of(facts.deadInMachine, [&](const analysis::DeadInMachine &dead) {
           return &facts.tables[dead.rule.table] == &rule.table && dead.rule.rule == rule.id;
         });
}

static void checkRule(const RuleFacts &rule, uint8_t hooks, const Facts &facts, const analysis::MarkValues &values,
                      Reporter &report) {
  for (const ir::Test &test : rule.rule().tests) {
    const MaskTest *mark = markOfRules(test, hooks);
    if (!mark || values.canMeet(*mark))
      continue;
    if (!agentOfRule(rule).empty() || isReportedElsewhere(rule, facts))
      return;
    report.add(rule, fmt::format("this {} waits for {}{}, and no rule here sets {}", wordsFor(rule.rule()),
                                 mark->negated ? "anything but " : "", markWords(mark->field, mark->value, mark->mask),
                                 mark->negated ? "another" : "it"));
    return;
  }
}

static void run(const Facts &facts, Reporter &report) {
  if (!showsAllMarks(facts))
    return;
  analysis::MarkValues values = markValuesOf(facts);
  for (const TableFacts &table : facts.tables) {
    std::vector<uint8_t> hooks = hooksByChain(table);
    for (uint32_t c = 0; c != table.table->chains.size(); ++c)
      for (uint32_t r = 0; hooks[c] && r != table.table->chains[c].rules.size(); ++r)
        checkRule({table, {c, r}}, hooks[c], facts, values, report);
  }
}

extern constinit const Check mark_never_set = {
    .id = "mark-never-set",
    .summary = "a rule that waits for a mark which no rule sets",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
