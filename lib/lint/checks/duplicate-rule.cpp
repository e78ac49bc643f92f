// A rule that stands there twice.
//
// The earlier one has the same conditions and the same target, whatever the order they are written in,
// and takes packets of this one, none of which is left.
#include "lint/DeadRule.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    if (!rule.deadWith(analysis::Agreement::Duplicate))
      return;
    Finding finding = addDeadRule(report, rule, "this " + wordsFor(rule.rule()) + " repeats an earlier one");
    noteTakers(finding, facts, rule);
    proposeRemoval(finding, rule);
  });
}

extern constinit const Check duplicate_rule = {
    .id = "duplicate-rule",
    .summary = "a rule that repeats an earlier one",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
