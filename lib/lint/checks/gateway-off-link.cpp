// A route whose gateway is on no link: neither a route without a gateway nor an address of the interface leads to it.
//
// The kernel adds no such route; one that lost its link later stays. IPv6, where most gateways are link-local, is left
// out.
#include "analysis/Routable.h"
#include "lint/Check.h"
#include "lint/NetworkReporter.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::lint::checks {

using ir::NetworkRoute;
using ir::NextHop;
using packet::Family;
using packet::Value;

static bool holds(Value address, unsigned length, Value inner) {
  return length == 0 || (address ^ inner) >> (32 - length) == 0;
}

static bool mayBeOn(const NextHop &hop, llvm::StringRef device) {
  return hop.device.empty() || device.empty() || hop.device == device;
}

/// Whether lookups for a gateway may take a route: those that have one themselves have too wide a scope for it, unless
/// they say another.
static bool mayLead(const NetworkRoute &route, const NextHop &hop) {
  if (route.family != Family::IPv4 || !holds(route.destination.address, route.destination.length, *hop.gateway))
    return false;
  return route.broken || route.opaque || llvm::any_of(route.hops, [&](const NextHop &of) {
           bool isNarrow = (!of.gateway && !of.gatewayFamily) || !route.scope.empty();
           return isNarrow && mayBeOn(hop, of.device);
         });
}

static bool hasAddressFor(const ir::Interface &interface, const NextHop &hop) {
  return mayBeOn(hop, interface.name) && llvm::any_of(interface.addresses, [&](const ir::InterfaceAddress &own) {
           return own.family == Family::IPv4 && holds(own.peer.value_or(own.address), own.length, *hop.gateway);
         });
}

static bool leadsAnything(const ir::Network &network, const NextHop &hop) {
  return llvm::any_of(network.routes, [&](const NetworkRoute &route) { return mayLead(route, hop); }) ||
         llvm::any_of(network.interfaces, [&](const auto &interface) { return hasAddressFor(interface, hop); });
}

namespace {

/// Many routes have few gateways: each is looked for once.
class Links {
public:
  explicit Links(const ir::Network &network) : network(network) {}

  bool isOff(const NextHop &hop) {
    if (!hop.gateway || hop.gatewayFamily || hop.onLink || hop.unusable || hop.linkDown)
      return false;
    auto [known, isNew] = off.try_emplace({*hop.gateway, hop.device}, false);
    if (isNew)
      known->second = !leadsAnything(network, hop);
    return known->second;
  }

private:
  const ir::Network &network;
  std::map<std::pair<Value, llvm::StringRef>, bool> off;
};

} // namespace

static void run(const ir::Network &network, NetworkReporter &report) {
  if (!network.knowsAllTables.ipv4 && !analysis::showsAllAddresses(network, Family::IPv4))
    return;
  Links links(network);
  for (const NetworkRoute &route : network.routes) {
    if (route.family != Family::IPv4 || route.broken || route.opaque)
      continue;
    for (const NextHop &hop : route.hops)
      if (links.isOff(hop))
        report.add(route, fmt::format("the gateway {} is on no link{}, and the route is not onlink",
                                      packet::addressText(*hop.gateway, Family::IPv4),
                                      hop.device.empty() ? "" : " of " + hop.device.str()));
  }
}

extern constinit const Check gateway_off_link = {
    .id = "gateway-off-link",
    .summary = "a route whose gateway no connected route or address leads to",
    .severity = support::Severity::Warning,
    .runOnNetwork = run,
};

} // namespace iptlint::lint::checks
