// Rules at which no packet arrives.
//
// Everything is decided before them, whatever they ask for, so a run of them is one finding. Or packets do
// enter the chain, but none that the rule asks for: then the jump that lets them in is shown. The rules
// of a chain that nothing leads to are unused-chain's.
#include "lint/Agents.h"
#include "lint/DeadRule.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

using analysis::DeadBecause;

/// How many rules from \p first on, in the same chain and by the same author, no packet arrives at.
static uint32_t lengthOfRun(const RuleFacts &first) {
  RuleFacts rule = first;
  while (rule.id.rule != rule.chain().rules.size() && rule.deadBecause(DeadBecause::Unreachable) &&
         agentOfRule(rule) == agentOfRule(first))
    ++rule.id.rule;
  return rule.id.rule - first.id.rule;
}

static bool startsRun(const RuleFacts &rule) {
  if (rule.id.rule == 0)
    return true;
  RuleFacts previous{rule.table, {rule.id.chain, rule.id.rule - 1}};
  return !previous.deadBecause(DeadBecause::Unreachable) || agentOfRule(previous) != agentOfRule(rule);
}

static void reportRun(const Facts &facts, const RuleFacts &first, Reporter &report) {
  uint32_t length = lengthOfRun(first);
  std::string what = length == 1 ? "this " + wordsFor(first.rule()) : "these " + count(length, "rule");
  Finding finding = addDeadRule(report, first, "no packet arrives at " + what);
  finding.upTo(first.chain().rules[first.id.rule + length - 1]);
  noteTakers(finding, facts, first);
  for (uint32_t i = 0; i != length; ++i)
    proposeRemoval(finding, {first.table, {first.id.chain, first.id.rule + i}});
}

/// Into a built-in chain everything comes: there it is something on the way that changes the packets.
static std::string whyNotArriving(const RuleFacts &rule) {
  std::string what = "no packet that this " + wordsFor(rule.rule()) + " asks for ";
  return what + (rule.chain().hook ? "gets here: earlier rules take or change them" : "enters chain " + rule.chain().name.str());
}

static void reportNotArriving(const RuleFacts &rule, Reporter &report) {
  Finding finding = addDeadRule(report, rule, whyNotArriving(rule));
  proposeRemoval(finding, rule);
  const auto &callers = rule.table.graph.callers[rule.id.chain];
  if (callers.empty())
    return;
  std::string others = callers.size() == 1 ? "" : ", and " + count(callers.size() - 1, "other rule");
  finding.note(RuleFacts{rule.table, callers.front().rule}, "this rule leads there" + others);
}

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    if (!rule.inUsedChain())
      return;
    if (rule.deadBecause(DeadBecause::Unreachable) && startsRun(rule))
      reportRun(facts, rule, report);
    else if (rule.deadBecause(DeadBecause::NotArriving))
      reportNotArriving(rule, report);
  });
}

extern constinit const Check unreachable_rule = {
    .id = "unreachable-rule",
    .summary = "a rule at which no packet arrives",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
