// A route that another makes superfluous: to the same prefix, and the same way.
//
// Of two that send packets different ways, route-shadowed tells.
#include "lint/Check.h"
#include "lint/NetworkReporter.h"
#include "lint/TakenRoutes.h"

namespace iptlint::lint::checks {

static void run(const ir::Network &network, NetworkReporter &report) {
  for (const TakenRoute &taken : takenRoutes(network))
    if (taken.same)
      report.add(*taken.route, "no lookup picks this route, and another does the same", *taken.before,
                 "this one is always picked first");
}

extern constinit const Check route_duplicate = {
    .id = "route-duplicate",
    .summary = "a route that no lookup picks, since another is first and does the same",
    .severity = support::Severity::Info,
    .runOnNetwork = run,
};

} // namespace iptlint::lint::checks
