#include "lint/Run.h"
#include "ir/Network.h"
#include "lint/Registry.h"
#include "llvm/ADT/STLExtras.h"
#include <tuple>

namespace iptlint::lint {

using support::Diagnostic;

/// Gives the findings from \p first on the severity that was asked for instead of the check's usual one. What a check tells
/// as less than usual, since nobody can mend it, does not become worse by that.
static void applySeverity(const Check &check, const Settings &settings, std::vector<Diagnostic> &findings, size_t first) {
  auto wanted = settings.severities.find(check.id.str());
  if (wanted == settings.severities.end())
    return;
  for (size_t i = first; i != findings.size(); ++i) {
    bool isMilder = findings[i].severity > check.severity;
    findings[i].severity = isMilder ? std::max(findings[i].severity, wanted->second) : wanted->second;
  }
}

static std::vector<Diagnostic> runRound(llvm::ArrayRef<Facts> facts, llvm::ArrayRef<const Check *> checks, Round round) {
  std::vector<Diagnostic> findings;
  for (const Check *check : checks) {
    if (check->round != round || !check->run)
      continue;
    Reporter report(*check, findings);
    size_t first = findings.size();
    for (const Facts &of : facts)
      check->run(of, report);
    applySeverity(*check, facts.front().settings, findings, first);
  }
  return findings;
}

/// A comment line between the rules of two families belongs to both rule sets: named once.
static std::vector<Suppression> suppressionsOf(llvm::ArrayRef<Facts> facts) {
  std::vector<Suppression> all;
  for (const Facts &of : facts)
    llvm::append_range(all, findSuppressions(*of.ruleset));
  auto key = [](const Suppression &s) { return std::tie(s.at.begin, s.check, s.line); };
  llvm::stable_sort(all, [&](const auto &left, const auto &right) { return key(left) < key(right); });
  all.erase(std::unique(all.begin(), all.end(), [&](const auto &l, const auto &r) { return key(l) == key(r); }), all.end());
  return all;
}

static std::vector<UnusedSuppression> unusedOf(const std::vector<Suppression> &suppressions, const std::vector<bool> &used,
                                               llvm::ArrayRef<const Check *> checks) {
  std::vector<UnusedSuppression> unused;
  for (size_t i = 0; i != suppressions.size(); ++i) {
    const Check *check = findCheck(suppressions[i].check);
    bool didNotRun = check && !llvm::is_contained(checks, check);
    if (!used[i] && !didNotRun)
      unused.push_back({suppressions[i], check == nullptr});
  }
  return unused;
}

Outcome runChecks(llvm::MutableArrayRef<Facts> facts, llvm::ArrayRef<const Check *> checks) {
  Outcome outcome;
  if (facts.empty())
    return outcome;
  const support::Source &source = *facts.front().ruleset->source;
  std::vector<Suppression> suppressions = suppressionsOf(facts);
  std::vector<bool> used;
  outcome.findings = runRound(facts, checks, Round::First);
  outcome.suppressed = suppress(outcome.findings, source, suppressions, used);

  facts.front().unusedSuppressions = unusedOf(suppressions, used, checks);
  llvm::append_range(outcome.findings, runRound(facts, checks, Round::AfterSuppressing));
  llvm::stable_sort(outcome.findings);
  return outcome;
}

NetworkFindings runNetworkChecks(const ir::Network &network, llvm::ArrayRef<const Check *> checks,
                                 const Settings &settings) {
  NetworkFindings all(network.sources.size());
  for (const Check *check : checks) {
    if (!check->runOnNetwork)
      continue;
    NetworkFindings found(network.sources.size());
    NetworkReporter report(*check, network, found);
    check->runOnNetwork(network, report);
    for (size_t source = 0; source != found.size(); ++source) {
      applySeverity(*check, settings, found[source], 0);
      llvm::append_range(all[source], found[source]);
    }
  }
  for (std::vector<Diagnostic> &findings : all)
    llvm::stable_sort(findings);
  return all;
}

} // namespace iptlint::lint
