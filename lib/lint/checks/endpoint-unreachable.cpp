// An endpoint of a Kubernetes service that no route leads to: packets that the service sends there are lost.
//
// Of any other DNAT dnat-unroutable tells.
#include "lint/Check.h"
#include "lint/Kube.h"
#include "lint/Unroutable.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachUnroutable(facts, [&](const RuleFacts &rule, const analysis::Ways &ways) {
    if (isEndpointChain(rule.chain().name))
      report.add(rule, fmt::format("an endpoint{} is out of reach: {}", ofService(serviceOf(rule.table, rule.id.chain)),
                                   whyUnroutable(facts, rule, ways)));
  });
}

extern constinit const Check endpoint_unreachable = {
    .id = "endpoint-unreachable",
    .summary = "an endpoint of a Kubernetes service that no route leads to",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
