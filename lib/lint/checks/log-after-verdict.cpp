// A rule that logs what the rule right before it has decided already: the two stand in the wrong order.
//
// It is a shadowed rule of a kind that can be told what is wrong with it; shadowed-rule leaves it to this check.
#include "lint/DeadRule.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    std::optional<RuleFacts> verdict = verdictBeforeLog(rule);
    if (!verdict)
      return;
    Finding finding = addDeadRule(report, rule,
                                  "this " + wordsFor(rule.rule()) +
                                      " has no packets to log: it stands behind the rule that takes them");
    finding.note(*verdict, "this " + wordsFor(verdict->rule()) + " has the same condition and comes first");
  });
}

extern constinit const Check log_after_verdict = {
    .id = "log-after-verdict",
    .summary = "a rule that logs what the rule before it has decided already",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
