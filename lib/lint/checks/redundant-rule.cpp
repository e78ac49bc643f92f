// A rule without which nothing would change.
//
// Either earlier rules leave it no packets and do with them just what it would, or packets reach it and
// what comes after would do the same with them: a later rule, the policy, the end of the chain. A dead rule of which it
// could not be decided whether its takers contradict it is told here too, in other words: it is dead all the same.
#include "lint/Agents.h"
#include "lint/DeadRule.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

using support::Severity;

static void reportDead(const Facts &facts, const RuleFacts &rule, Reporter &report) {
  bool same = rule.deadWith(analysis::Agreement::Same);
  llvm::StringRef how = same ? ", and earlier rules do the same" : "; whether earlier rules do the same was not decided";
  Finding finding = addDeadRule(report, rule, "no packet reaches this " + wordsFor(rule.rule()) + how);
  noteTakers(finding, facts, rule);
  proposeRemoval(finding, rule);
}

/// Whether a live rule is to be named: not where the one that does the same is dead, for that one is to go; and
/// not where an agent wrote it.
static bool isWorthNaming(const RuleFacts &rule) {
  const analysis::RuleReach &reach = rule.reach();
  if (reach.status != analysis::Status::Live || !reach.redundantWhenLive)
    return false;
  if (!agentOfRule(rule).empty() || isPlaceholder(rule))
    return false;
  return !reach.madeRedundantBy || !RuleFacts{rule.table, *reach.madeRedundantBy}.dead();
}

static void reportLive(const RuleFacts &rule, Reporter &report) {
  Finding finding = report.add(rule, "without this " + wordsFor(rule.rule()) + " nothing would change");
  finding.severity(Severity::Info);
  if (rule.reach().madeRedundantBy) {
    RuleFacts later{rule.table, *rule.reach().madeRedundantBy};
    finding.note(later, "this " + wordsFor(later.rule()) + " does the same for its packets");
  } else {
    finding.append(rule.chain().hook ? ": the policy does the same" : ": the end of the chain does the same");
  }
}

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    if (rule.deadWith(analysis::Agreement::Same) || rule.deadWith(analysis::Agreement::Undecided))
      reportDead(facts, rule, report);
    else if (isWorthNaming(rule))
      reportLive(rule, report);
  });
}

extern constinit const Check redundant_rule = {
    .id = "redundant-rule",
    .summary = "a rule without which nothing would change",
    .severity = Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
