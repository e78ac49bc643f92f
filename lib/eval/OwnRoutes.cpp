// Routes from addresses. A secondary address has a host route alone; an interface that is down has no connected ones.
#include "eval/OwnRoutes.h"
#include "eval/RouteTable.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::Interface;
using ir::InterfaceAddress;
using ir::NetworkRoute;
using ir::Prefix;
using ir::RouteType;
using packet::Family;
using packet::Value;

static unsigned width(Family family) {
  return packet::bits(packet::Field::Src, family);
}

static Prefix prefixOf(Value address, unsigned length, Family family) {
  return {leadingBits(address, length, family), length};
}

static Prefix linkPrefix(const InterfaceAddress &address) {
  return prefixOf(address.peer.value_or(address.address), address.length, address.family);
}

static Value lastOf(const Prefix &prefix) {
  return prefix.address | (prefix.length == 32 ? 0 : 0xffffffffu >> prefix.length);
}

static bool isZeroNet(Value address) {
  return address == 0;
}

/// The primary address whose prefix a secondary one shares: routes for both have it as their source.
static const InterfaceAddress &primaryOf(const Interface &interface, const InterfaceAddress &address) {
  for (const InterfaceAddress &other : interface.addresses)
    if (other.family == address.family && !other.secondary && linkPrefix(other) == linkPrefix(address))
      return other;
  return address;
}

static bool isDown(const Interface &interface) {
  return interface.up && !*interface.up;
}

static llvm::StringRef typeName(RouteType type) {
  switch (type) {
  case RouteType::Local:
    return "local ";
  case RouteType::Broadcast:
    return "broadcast ";
  case RouteType::Anycast:
    return "anycast ";
  case RouteType::Multicast:
    return "multicast ";
  default:
    return "";
  }
}

/// The words that `ip route` would print.
void OwnRoutes::write(NetworkRoute &route) {
  std::string text = typeName(route.type).str() + packet::addressText(route.destination.address, route.family);
  if (route.destination.length != width(route.family))
    text += fmt::format("/{}", route.destination.length);
  text += fmt::format(" dev {}", route.hops.front().device.str());
  if (!route.table.empty())
    text += fmt::format(" table {}", route.table.str());
  text += " proto kernel";
  if (!route.scope.empty())
    text += fmt::format(" scope {}", route.scope.str());
  if (std::optional<Value> source = preferredSource(route))
    text += fmt::format(" src {}", packet::addressText(*source, route.family));
  if (route.metric)
    text += fmt::format(" metric {}", route.metric);
  llvm::SmallVector<llvm::StringRef, 12> words;
  llvm::StringSaver(memory).save(text).split(words, ' ');
  route.words.assign(words.begin(), words.end());
}

void OwnRoutes::add(RouteType type, Prefix destination, const Place &place) {
  NetworkRoute &route = routes.emplace_back();
  route.family = place.family;
  route.type = type;
  route.destination = destination;
  ir::NextHop &hop = route.hops.emplace_back();
  hop.device = place.device;
  hop.linkDown = place.linkDown;
  route.protocol = "kernel";
  route.Route::source = place.source;
  route.metric = place.metric;
  if (type != RouteType::Unicast)
    route.table = "local";
  if (place.family == Family::IPv4)
    route.scope = type == RouteType::Local ? "host" : "link";
  write(route);
}

/// 127/8 and ::1 are there even if no text shows the interface lo.
void OwnRoutes::addLoopback(Family family) {
  if (family == Family::IPv6)
    return add(RouteType::Local, {1, 128}, {family, "lo"});
  constexpr Value kNet = 127u << 24;
  Place place{family, "lo", kNet + 1};
  add(RouteType::Local, {kNet, 8}, place);
  add(RouteType::Local, {kNet + 1, 32}, place);
  add(RouteType::Broadcast, {kNet + 0xffffff, 32}, place);
}

static bool hasLoopback(const ir::Network &network, Family family) {
  for (const Interface &interface : network.interfaces)
    for (const InterfaceAddress &address : interface.addresses)
      if (address.family == family && (interface.loopback || interface.name == "lo"))
        return true;
  return false;
}

/// The address that was written as that of the whole prefix, and the last one of the prefix.
void OwnRoutes::addBroadcast(const Interface &interface, const InterfaceAddress &address) {
  Prefix prefix = linkPrefix(address);
  Place place{Family::IPv4, interface.name, primaryOf(interface, address).address};
  bool named = address.broadcast && *address.broadcast != 0xffffffffu;
  if (named)
    add(RouteType::Broadcast, {*address.broadcast, 32}, place);
  bool sensible = !address.secondary && address.length < 31 && !isZeroNet(prefix.address);
  if (sensible && !(named && *address.broadcast == lastOf(prefix)))
    add(RouteType::Broadcast, {lastOf(prefix), 32}, place);
}

void OwnRoutes::addLocal4(const Interface &interface, const InterfaceAddress &address) {
  Place place{Family::IPv4, interface.name, primaryOf(interface, address).address};
  add(RouteType::Local, {address.address, 32}, place);
  if (isDown(interface))
    return;
  addBroadcast(interface, address);
  bool wholePrefix = interface.loopback && !address.secondary && address.length < 32 && !address.noPrefixRoute;
  if (wholePrefix && !isZeroNet(linkPrefix(address).address))
    add(RouteType::Local, linkPrefix(address), place);
}

/// Routers listen to the address of a prefix without a host part, too.
void OwnRoutes::addLocal6(const Interface &interface, const InterfaceAddress &address) {
  if (isDown(interface) || address.unusable)
    return;
  Place place{Family::IPv6, interface.name};
  add(RouteType::Local, {address.address, 128}, place);
  Prefix prefix = prefixOf(address.address, address.length, Family::IPv6);
  if (address.length < 127 && prefix.address != 0 && settings.forwards(Family::IPv6, interface.name))
    add(RouteType::Anycast, {prefix.address, 128}, place);
}

/// Every interface of IPv6 has it.
void OwnRoutes::addMulticast6(llvm::StringRef device) {
  bool known = llvm::any_of(routes, [&](const NetworkRoute &route) {
    return route.type == RouteType::Multicast && route.hops.front().device == device;
  });
  if (!known && !device.empty() && device != "lo")
    add(RouteType::Multicast, {Value(0xff) << 120, 8}, {Family::IPv6, device, std::nullopt, 256});
}

void OwnRoutes::addLocal(Family family) {
  if (!hasLoopback(network, family))
    addLoopback(family);
  for (const Interface &interface : network.interfaces) {
    for (const InterfaceAddress &address : interface.addresses)
      if (address.family == family)
        family == Family::IPv4 ? addLocal4(interface, address) : addLocal6(interface, address);
    if (family == Family::IPv6 && !interface.loopback && !isDown(interface))
      addMulticast6(interface.name);
  }
}

/// Whether the prefix of an address is a route. IPv6 has one for prefixes of a single address, too.
static bool isConnected(const Interface &interface, const InterfaceAddress &address) {
  if (isDown(interface) || address.noPrefixRoute)
    return false;
  Prefix prefix = linkPrefix(address);
  bool hostOnly = prefix.address == address.address && address.length == 32;
  return address.family == Family::IPv6 ||
         !(address.secondary || hostOnly || isZeroNet(prefix.address) || interface.loopback);
}

void OwnRoutes::addConnected(Family family) {
  for (const Interface &interface : network.interfaces)
    for (const InterfaceAddress &address : interface.addresses) {
      if (address.family != family || !isConnected(interface, address))
        continue;
      bool noCarrier = interface.carrier && !*interface.carrier;
      std::optional<Value> source;
      if (family == Family::IPv4)
        source = address.address;
      unsigned metric = family == Family::IPv4 ? 0 : 256;
      add(RouteType::Unicast, linkPrefix(address), {family, interface.name, source, metric, noCarrier});
    }
}

void OwnRoutes::addInferred(Family family) {
  addLoopback(family);
  for (const NetworkRoute &route : network.routes) {
    if (route.family != family)
      continue;
    for (const ir::NextHop &hop : route.hops)
      if (family == Family::IPv6)
        addMulticast6(hop.device);
    std::optional<Value> own = preferredSource(route);
    if (route.protocol != "kernel" || route.scope != "link" || !own || route.hops.empty() || tableOf(route) != "main")
      continue;
    Place place{family, route.hops.front().device, own};
    add(RouteType::Local, {*own, width(family)}, place);
    if (route.destination.length < 31)
      add(RouteType::Broadcast, {lastOf(route.destination), 32}, place);
  }
}

} // namespace iptlint::eval
