// A DNAT whose new destination no route leads to, so that no packet which it translates arrives.
//
// Of kube-proxy's endpoints endpoint-unreachable tells, of destinations that a route refuses blackholed-service.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kube.h"
#include "lint/Unroutable.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachUnroutable(facts, [&](const RuleFacts &rule, const analysis::Ways &ways) {
    if (isEndpointChain(rule.chain().name) || !ways.refusals.empty())
      return;
    Finding finding = report.add(rule, whyUnroutable(facts, rule, ways));
    tellAgent(finding, rule);
  });
}

extern constinit const Check dnat_unroutable = {
    .id = "dnat-unroutable",
    .summary = "a DNAT to where no route leads",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
