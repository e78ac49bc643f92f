// A route that sends packets back to this machine: its gateway is an own address, or it leaves by lo.
//
// What other machines do with a packet is not to be seen in one machine's tables, so nothing is said of two that send
// it to each other. Of a gateway that no link leads to gateway-off-link tells.
#include "analysis/Routable.h"
#include "lint/Check.h"
#include "lint/Interfaces.h"
#include "lint/KernelSettings.h"
#include "lint/NetworkReporter.h"
#include "lint/NetworkWords.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using ir::NetworkRoute;
using ir::NextHop;
using packet::Family;

// --- a gateway of the machine's own

/// Whether packets that leave by the interface are handed to a neighbour whose address is asked for.
static bool asksLink(const ir::Interface &interface) {
  return interface.mac && !interface.noArp && !interface.pointToPoint && !interface.loopback &&
         interface.master.empty();
}

static bool isLinkLocal(packet::Value address, Family family) {
  return family == Family::IPv6 && address >> 118 == 0x3fa;
}

namespace {

/// Where an own address is said.
struct Own {
  const ir::Interface *interface;
  const ir::InterfaceAddress *address;
};

} // namespace

/// An address of one link means another machine on another link.
static std::optional<Own> ownGateway(const ir::Network &network, const NextHop &hop, Family family) {
  for (const ir::Interface &interface : network.interfaces)
    for (const ir::InterfaceAddress &own : interface.addresses) {
      bool isMeant = own.family == family && own.address == *hop.gateway && interface.master.empty();
      if (isMeant && (interface.name == hop.device || !isLinkLocal(own.address, family)))
        return Own{&interface, &own};
    }
  return std::nullopt;
}

static void checkGateway(const ir::Network &network, const NetworkRoute &route, const NextHop &hop,
                         NetworkReporter &report) {
  const ir::Interface *leavesBy = interfaceNamed(network, hop.device);
  if (!hop.gateway || hop.unusable || !leavesBy || !asksLink(*leavesBy))
    return;
  Family family = hop.gatewayFamily.value_or(route.family);
  if (std::optional<Own> own = ownGateway(network, hop, family))
    report.add(route, fmt::format("the gateway {} is an address of this machine, of {} ({}): what takes this route is "
                                  "handed to no gateway",
                                  packet::addressText(*hop.gateway, family), own->interface->name.str(),
                                  placeOf(network, own->address->place)));
}

// --- out of lo, and in again

/// Whether some lookups come to the table. Main and default are the kernel's own.
static bool isLookedUp(const ir::Network &network, llvm::StringRef table) {
  return table == "main" || table == "default" || llvm::any_of(network.rules, [&](const ir::RoutingRule &rule) {
           return rule.family == Family::IPv4 && rule.action == ir::RoutingAction::Lookup && !rule.opaque &&
                  rule.table == table;
         });
}

static bool isHeldByLocal(const ir::Network &network, const NetworkRoute &route) {
  return llvm::any_of(network.routes, [&](const NetworkRoute &other) {
    unsigned length = other.destination.length;
    return other.family == Family::IPv4 && other.type == ir::RouteType::Local && length <= route.destination.length &&
           (length == 0 || (other.destination.address ^ route.destination.address) >> (32 - length) == 0);
  });
}

/// Whether other routes of lo take the packets before: those of loopback and of own addresses.
static bool isOwn(const ir::Network &network, const NetworkRoute &route) {
  auto [address, length] = route.destination;
  bool isLoopback = length >= 8 && address >> 24 == 127;
  bool isGroup = length >= 3 && address >> 29 == 7;
  return isLoopback || isGroup || (length == 32 && isOwnAddress(network, Family::IPv4, address)) ||
         isHeldByLocal(network, route);
}

static bool leavesByLo(const NetworkRoute &route) {
  return route.family == Family::IPv4 && route.type == ir::RouteType::Unicast && !route.opaque &&
         llvm::any_of(route.hops, [](const NextHop &hop) { return hop.device == "lo" && !hop.unusable; });
}

static bool isKnown(const ir::Network &network) {
  return network.knowsAllTables.ipv4 || analysis::showsAllAddresses(network, Family::IPv4);
}

static void run(const ir::Network &network, NetworkReporter &report) {
  bool forwards = isKnown(network) && valueOf(network, "net.ipv4.ip_forward").value_or(1) != 0;
  for (const NetworkRoute &route : network.routes) {
    if (route.broken)
      continue;
    for (const NextHop &hop : route.hops)
      checkGateway(network, route, hop, report);
    if (forwards && leavesByLo(route) && isLookedUp(network, analysis::tableOf(route)) && !isOwn(network, route))
      report.add(route,
                 "packets to be forwarded go out of lo by this route, come in again and take it once more, until "
                 "their TTL is used up");
  }
}

extern constinit const Check route_loop = {
    .id = "route-loop",
    .summary = "a route that sends packets back to this machine, by an own gateway or by lo",
    .severity = support::Severity::Warning,
    .runOnNetwork = run,
};

} // namespace iptlint::lint::checks
