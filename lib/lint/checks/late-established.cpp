// A rule that accepts established connections, most packets of its chain among them, behind many other rules.
//
// Said only where the text has counters, which tell how many comparisons it costs, and where the rule may stand further
// up without any packet noticing. Moving it is worth a line in no other case.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

/// What a packet has to be spared, on average over all that come to the chain, for a finding.
static constexpr double kWorthwhile = 2;

static bool takesMost(const ir::Rule &rule, const analysis::Delay &delay) {
  return packet::Value(rule.counters->packets) * 2 >= delay.packets;
}

static void reportDelay(const TableFacts &table, const analysis::Delay &delay, Reporter &report) {
  RuleFacts rule{table, delay.rule};
  double saved = double(delay.saved) / double(delay.packets);
  if (saved < kWorthwhile || !takesMost(rule.rule(), delay) || !agentOfRule(rule).empty())
    return;
  RuleFacts before{table, {delay.rule.chain, delay.to}};
  double share = 100 * double(rule.rule().counters->packets) / double(delay.packets);
  report
      .add(rule,
           fmt::format("at least {:.0f} % of the packets of {} pass {} before this {}; further up it would spare each "
                       "packet {:.1f} comparisons on average",
                       share, rule.chain().name.str(), count(delay.rule.rule, "rule"), wordsFor(rule.rule()), saved))
      .note(before, "it could stand before this " + wordsFor(before.rule()));
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (const analysis::Delay &delay : table.reach.delays)
      reportDelay(table, delay, report);
}

extern constinit const Check late_established = {
    .id = "late-established",
    .summary = "a rule for established connections that most packets get to late",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
    .needs = &analysis::Extras::delays,
};

} // namespace iptlint::lint::checks
