#include "lint/DeadRule.h"
#include "lint/Agents.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"

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

static std::string whatItDoes(const ir::Rule &taker, bool first) {
  if (taker.target.kind == ir::TargetKind::Return)
    return first ? "sends its packets back first" : "sends others of them back";
  return first ? "takes its packets first" : "takes others of them";
}

static void noteTaker(Finding &finding, const Facts &facts, const RuleFacts &rule, const Taker &taker, bool first) {
  RuleFacts of{rule.table, taker.rule};
  std::string what = sayTheSame(of.rule(), rule.rule()) ? "the same " : "this ";
  finding.note(of, what + wordsFor(of.rule()) + whereabouts(rule, *facts.ruleset, taker) + " " +
                       whatItDoes(of.rule(), first));
}

void noteTakers(Finding &finding, const Facts &facts, const RuleFacts &rule) {
  const analysis::RuleReach &reach = rule.reach();
  bool first = true;
  if (reach.contrary && rule.deadWith(Agreement::Differs)) {
    noteTaker(finding, facts, rule, *reach.contrary, first);
    first = false;
  }
  for (const Taker &taker : reach.takers) {
    if (!first && reach.contrary && taker.rule == reach.contrary->rule)
      continue;
    noteTaker(finding, facts, rule, taker, first);
    first = false;
  }
  if (reach.takersIncomplete)
    finding.append("; too many rules take them to name all");
}

void noteEffects(Finding &finding, const RuleFacts &rule) {
  if (rule.reach().hasEffectWhenDead)
    finding.note(rule, "it is not without effect: packets that do not match it still get as far as a condition that acts");
}

} // namespace iptlint::lint
