// A rule whose own condition no packet meets.
//
// Its parts contradict each other, or one of them asks for something that does not exist. Nothing in front
// of the rule has a hand in it, so this comes before every other reason for a rule without packets.
#include "lint/DeadRule.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    if (!rule.deadBecause(analysis::DeadBecause::NeverMatches))
      return;
    Finding finding = addDeadRule(report, rule, "no packet meets the conditions of this " + wordsFor(rule.rule()));
    proposeRemoval(finding, rule);
  });
}

extern constinit const Check never_matches = {
    .id = "never-matches",
    .summary = "a rule whose own conditions no packet meets",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
