// A DNAT whose new destination no route leads to, so that no packet which it translates arrives.
//
// Of kube-proxy's endpoints endpoint-unreachable tells.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kube.h"
#include "lint/Unroutable.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachUnroutable(facts, [&](const RuleFacts &rule, const analysis::Ways &ways) {
    if (isEndpointChain(rule.chain().name))
      return;
    Finding finding = report.add(rule, whyUnroutable(rule, ways, facts.ruleset->family));
    if (!agentOfRule(rule).empty())
      finding.severity(support::Severity::Info).append(", and " + agentOfRule(rule) + " wrote the rule");
  });
}

extern constinit const Check dnat_unroutable = {
    .id = "dnat-unroutable",
    .summary = "a DNAT to where no route leads",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
