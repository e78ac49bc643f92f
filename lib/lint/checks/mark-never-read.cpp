// A rule that sets a mark which no rule reads, where policy routing cannot read it either.
//
// What is set before the routing decision is meant for `ip rule`, more often than not, and nothing is said of it.
// Behind it there is traffic control, and for the connection's mark a few programs; so this is an opinion.
#include "analysis/MarkReads.h"
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Hooks.h"
#include "lint/Marks.h"
#include "lint/Words.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using ir::Field;

/// Hooks whose marks steer routing: OUTPUT's do in some tables. INPUT's may, of the packets that a tunnel brings.
static constexpr uint8_t kSteering =
    bitOf(packet::Hook::Prerouting) | bitOf(packet::Hook::Output) | bitOf(packet::Hook::Input);

static uint32_t bitsWritten(const ir::Write &write) {
  return uint32_t(~write.keep | write.flip);
}

/// What a rule sets, and nobody reads: nullptr if there is nothing of the kind. A rule that only takes bits away, or
/// copies, may undo what another has set.
static const ir::Write *unread(const ir::Rule &rule, const analysis::Parts &read, uint8_t hooks) {
  for (const ir::Write &write : rule.target.writes) {
    bool sets = write.known && write.copy == 0 && write.flip != 0;
    bool ofPacket = write.field == Field::Mark && !(hooks & kSteering) && !(bitsWritten(write) & read.markBits);
    bool ofFlow = write.field == Field::ConnMark && !(bitsWritten(write) & read.flowMarkBits);
    if (sets && (ofPacket || ofFlow))
      return &write;
  }
  return nullptr;
}

static void checkTable(const TableFacts &table, const analysis::Parts &read, Reporter &report) {
  std::vector<uint8_t> hooks = hooksByChain(table);
  for (uint32_t c = 0; c != table.table->chains.size(); ++c)
    for (uint32_t r = 0; hooks[c] && r != table.table->chains[c].rules.size(); ++r) {
      RuleFacts rule{table, {c, r}};
      const ir::Write *write = unread(rule.rule(), read, hooks[c]);
      if (!write || rule.dead() || !agentOfRule(rule).empty())
        continue;
      bool ofPacket = write->field == Field::Mark;
      report.add(rule, fmt::format("no rule here reads {} that this {} sets{}",
                                   markWords(write->field, write->flip, bitsWritten(*write)), wordsFor(rule.rule()),
                                   ofPacket ? ", and policy routing has read it before" : ""));
    }
}

static void run(const Facts &facts, Reporter &report) {
  if (!showsAllMarks(facts))
    return;
  std::vector<const ir::Table *> tables;
  for (const TableFacts &of : facts.tables)
    tables.push_back(of.table);
  analysis::Parts read = analysis::marksRead(tables);
  for (const TableFacts &table : facts.tables)
    checkTable(table, read, report);
}

extern constinit const Check mark_never_read = {
    .id = "mark-never-read",
    .summary = "a rule that sets a mark which no rule reads, too late for policy routing",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
};

} // namespace iptlint::lint::checks
