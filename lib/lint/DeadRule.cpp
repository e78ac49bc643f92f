#include "lint/DeadRule.h"
#include "lint/Agents.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::lint {

using analysis::Agreement;
using analysis::Taker;
using support::Severity;

static bool agentsTakeAll(const RuleFacts &rule) {
  const analysis::RuleReach &reach = rule.reach();
  auto byAgent = [&](const Taker &taker) { return !agentOfRule({rule.table, taker.rule}).empty(); };
  return llvm::all_of(reach.takers, byAgent) && (!reach.contrary || byAgent(*reach.contrary));
}

Finding addDeadRule(Reporter &report, const RuleFacts &rule, const llvm::Twine &message) {
  Finding finding = report.add(rule, message);
  llvm::StringRef agent = agentOfRule(rule);
  if (agent.empty())
    return finding;
  finding.append("; " + agent + " writes this rule by itself");
  bool nobodyCanMend = rule.deadWith(Agreement::Duplicate) || rule.deadWith(Agreement::Same) || agentsTakeAll(rule);
  if (nobodyCanMend)
    finding.severity(Severity::Info);
  return finding;
}

static llvm::StringRef whatItDoes(const ir::Rule &taker, bool first) {
  if (taker.target.kind == ir::TargetKind::Return)
    return first ? "sends its packets back first" : "sends others of them back";
  return first ? "takes its packets first" : "takes others of them";
}

static void noteTaker(Finding &finding, const Facts &facts, const RuleFacts &rule, const Taker &taker, llvm::StringRef what) {
  RuleFacts of{rule.table, taker.rule};
  llvm::StringRef which = sayTheSame(of.rule(), rule.rule()) ? "the same " : "this ";
  finding.note(of, which + wordsFor(of.rule()) + whereabouts(rule, *facts.ruleset, taker) + " " + what);
}

/// The takers with the contrary one in front, where it is one of them. It is not where a RETURN or goto takes the
/// packets and a rule behind it decides them, nor where one rule would take them all and others come before it.
static std::vector<Taker> contraryFirst(const analysis::RuleReach &reach) {
  std::vector<Taker> takers = reach.takers;
  if (reach.contrary)
    std::stable_partition(takers.begin(), takers.end(), [&](const Taker &of) { return of.rule == reach.contrary->rule; });
  return takers;
}

void noteTakers(Finding &finding, const Facts &facts, const RuleFacts &rule) {
  const analysis::RuleReach &reach = rule.reach();
  std::vector<Taker> takers = contraryFirst(reach);
  bool decidesElsewhere = reach.contrary && (takers.empty() || takers.front().rule != reach.contrary->rule);
  if (decidesElsewhere && rule.deadWith(Agreement::Differs))
    noteTaker(finding, facts, rule, *reach.contrary, "decides some of its packets otherwise");
  for (const Taker &taker : takers)
    noteTaker(finding, facts, rule, taker, whatItDoes(RuleFacts{rule.table, taker.rule}.rule(), &taker == &takers.front()));
  if (reach.takersIncomplete)
    finding.append("; too many rules take them to name all");
}

static bool onlyLogs(const ir::Rule &rule) {
  return rule.target.name == "LOG" || rule.target.name == "NFLOG" || rule.target.name == "ULOG";
}

static bool endsTheTable(ir::TargetKind kind) {
  return kind == ir::TargetKind::Accept || kind == ir::TargetKind::Drop || kind == ir::TargetKind::Verdict;
}

static std::vector<ir::Test> withoutState(const ir::Rule &rule) {
  std::vector<ir::Test> tests;
  llvm::copy_if(rule.tests, std::back_inserter(tests), [](const ir::Test &test) {
    const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
    return !opaque || opaque->opacity != ir::Opacity::Stateful;
  });
  return tests;
}

std::optional<RuleFacts> verdictBeforeLog(const RuleFacts &rule) {
  const analysis::RuleReach &reach = rule.reach();
  if (!rule.deadWith(Agreement::Differs) || !onlyLogs(rule.rule()) || reach.takers.size() != 1 ||
      reach.takersIncomplete)
    return std::nullopt;
  RuleFacts before{rule.table, {rule.id.chain, rule.id.rule}};
  do {
    if (before.id.rule == 0)
      return std::nullopt;
    --before.id.rule;
  } while (onlyLogs(before.rule()));
  std::vector<ir::Test> asked = withoutState(rule.rule());
  const std::vector<ir::Test> &taken = before.rule().tests;
  bool sameCondition = std::is_permutation(asked.begin(), asked.end(), taken.begin(), taken.end());
  bool takesAll = reach.takers.front().rule == before.id && endsTheTable(before.rule().target.kind);
  return takesAll && sameCondition ? std::optional(before) : std::nullopt;
}

void proposeRemoval(Finding &finding, const RuleFacts &rule) {
  if (rule.reach().hasEffectWhenDead)
    finding.note(rule, "it is not without effect: packets that do not match it still get as far as a condition that acts");
  else if (agentOfRule(rule).empty())
    finding.removing(rule.rule());
}

} // namespace iptlint::lint
