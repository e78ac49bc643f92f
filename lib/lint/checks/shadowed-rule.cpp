// A rule that earlier rules leave no packets, though one of them decides otherwise.
//
// What the author asked of this rule never happens. Where the earlier rules do just what this one would,
// nothing is lost and duplicate-rule or redundant-rule reports it instead, so that no rule gets two findings. A rule
// that logs right behind the verdict of the same condition is log-after-verdict's.
// Whether it is to be moved or deleted only its author knows, so no fix is proposed.
#include "lint/DeadRule.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    if (!rule.deadWith(analysis::Agreement::Differs) || verdictBeforeLog(rule))
      return;
    Finding finding = addDeadRule(report, rule, "no packet reaches this " + wordsFor(rule.rule()));
    noteTakers(finding, facts, rule);
  });
}

extern constinit const Check shadowed_rule = {
    .id = "shadowed-rule",
    .summary = "a rule that earlier rules leave no packets, against its own verdict",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
