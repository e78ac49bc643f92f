// A service that a route makes out of reach: it refuses what a DNAT sends on, or what this machine itself asks for.
//
// Packets from elsewhere are routed after PREROUTING, by their new destination. Those of this machine are routed before
// OUTPUT, by the old one: where no route leads there, sending fails and no rule sees a packet. Where no route leads to
// a new destination, dnat-unroutable tells; of endpoints of Kubernetes endpoint-unreachable does.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Hooks.h"
#include "lint/Kinds.h"
#include "lint/Kube.h"
#include "lint/NetworkWords.h"
#include "lint/Unroutable.h"
#include "lint/Words.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::lint::checks {

using analysis::Ways;
using packet::Field;

static void findRefusedDestinations(const Facts &facts, Reporter &report) {
  eachUnroutable(facts, [&](const RuleFacts &rule, const Ways &ways) {
    if (isEndpointChain(rule.chain().name) || ways.refusals.empty())
      return;
    Finding finding = report.add(rule, whyUnroutable(facts, rule, ways));
    tellAgent(finding, rule);
  });
}

// --- what this machine asks for

/// Whether the rule gives packets another destination, itself or in the chain of a Kubernetes service.
static bool redirects(const RuleFacts &rule) {
  const ir::Target &target = rule.rule().target;
  bool leadsToService = target.kind == ir::TargetKind::Jump && isServiceChain(target.name);
  return leadsToService || target.name == "DNAT" || target.name == "REDIRECT" || target.name == "NETMAP";
}

namespace {

/// Rules that one route, or the lack of any, keeps this machine's packets from.
struct Missed {
  RuleFacts first;
  Ways ways;
  unsigned rules = 0;
};

} // namespace

static std::map<const ir::NetworkRoute *, Missed> missedRules(const Facts &facts, const analysis::Routable &routable) {
  std::map<const ir::NetworkRoute *, Missed> missed;
  auto seesOwn = [](uint8_t hooks) { return hooks & bitOf(packet::Hook::Output); };
  eachLiveRule(facts, seesOwn, [&](const RuleFacts &rule, uint8_t) {
    llvm::ArrayRef<ir::Interval> to = askedOf(rule.rule(), Field::Dst);
    if (rule.table.table->name != "nat" || to.empty() || !redirects(rule))
      return;
    Ways ways = routable.waysTo(to);
    if (!ways.none())
      return;
    const ir::NetworkRoute *refusal = ways.refusals.empty() ? nullptr : ways.refusals.front();
    ++missed.try_emplace(refusal, Missed{rule, ways}).first->second.rules;
  });
  return missed;
}

static void findUnsendable(const Facts &facts, Reporter &report) {
  if (!facts.network)
    return;
  analysis::Routable routable(*facts.network, facts.ruleset->family);
  if (!routable.known())
    return;
  for (const auto &[refusal, missed] : missedRules(facts, routable)) {
    std::string to = addressesText(askedOf(missed.first.rule(), Field::Dst), facts.ruleset->family);
    std::string why = refusal ? wordsFor(*facts.network, *refusal) + " refuses them" : "no route leads there";
    Finding finding =
        report.add(missed.first, fmt::format("this machine's own packets to {} never come to this rule: {}", to, why));
    if (missed.rules > 1)
      finding.append(fmt::format("; so it is for {} more", count(missed.rules - 1, "rule")));
  }
}

static void run(const Facts &facts, Reporter &report) {
  findRefusedDestinations(facts, report);
  findUnsendable(facts, report);
}

extern constinit const Check blackholed_service = {
    .id = "blackholed-service",
    .summary = "a translated address that a route refuses, or that this machine has no route to ask for it by",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
