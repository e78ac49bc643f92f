// A route that no lookup picks: another to the same prefix is always picked first, or no rule looks up its table.
//
// Where the other sends packets the same way, nothing is lost, and route-duplicate reports it.
#include "analysis/Routable.h"
#include "lint/Check.h"
#include "lint/NetworkReporter.h"
#include "lint/TakenRoutes.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::lint::checks {

using ir::NetworkRoute;
using llvm::StringRef;
using packet::Family;

static bool isNumber(StringRef table) {
  return !table.empty() && llvm::all_of(table, llvm::isDigit);
}

/// The kernel itself asks these, whatever the rules.
static bool isKernels(StringRef table) {
  return table == "local" || table == "main" || table == "default" || table == "unspec";
}

/// Whether rules might mean the table: by the same name, or by a number that might have this name.
static bool mayMean(StringRef looked, StringRef table) {
  return looked == table || (!isKernels(looked) && isNumber(looked) != isNumber(table));
}

static bool mayBeLookedUp(const ir::Network &network, Family family, StringRef table) {
  return isKernels(table) || llvm::any_of(network.rules, [&](const ir::RoutingRule &rule) {
           bool looksUp = rule.action == ir::RoutingAction::Lookup && mayMean(rule.table, table);
           return rule.family == family && (rule.opaque || rule.l3mdev || looksUp);
         });
}

static void findIdleTables(const ir::Network &network, Family family, NetworkReporter &report) {
  if (!network.knowsRules.has(family))
    return;
  std::map<StringRef, std::vector<const NetworkRoute *>> tables;
  for (const NetworkRoute &route : network.routes)
    if (route.family == family && !route.broken)
      tables[analysis::tableOf(route)].push_back(&route);
  for (const auto &[table, routes] : tables)
    if (!mayBeLookedUp(network, family, table))
      report.add(*routes.front(), fmt::format("no rule looks up table {}, so that nothing takes its {}", table.str(),
                                              count(routes.size(), "route")));
}

static void run(const ir::Network &network, NetworkReporter &report) {
  for (const TakenRoute &taken : takenRoutes(network))
    if (!taken.same)
      report.add(*taken.route, "no lookup picks this route", *taken.before, "this one is always picked first");
  for (Family family : {Family::IPv4, Family::IPv6})
    findIdleTables(network, family, report);
}

extern constinit const Check route_shadowed = {
    .id = "route-shadowed",
    .summary = "a route that no lookup picks, since another is first or no rule looks up its table",
    .severity = support::Severity::Warning,
    .runOnNetwork = run,
};

} // namespace iptlint::lint::checks
