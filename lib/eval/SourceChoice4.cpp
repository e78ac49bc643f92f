// IPv4: by scope and prefix, in the order of `ip addr`.
#include "eval/SourceChoice.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::Interface;
using ir::InterfaceAddress;
using packet::Family;
using packet::Value;

static bool isPrimary(const InterfaceAddress &address) {
  return address.family == Family::IPv4 && !address.secondary;
}

static std::optional<Value> ofInterface(const Interface &interface, Value toward, unsigned scope, unsigned hostScope) {
  std::optional<Value> first;
  for (const InterfaceAddress &address : interface.addresses) {
    if (!isPrimary(address) || std::min(scopeNumber(address.scope), hostScope) > scope)
      continue;
    ir::Prefix prefix{leadingBits(address.peer.value_or(address.address), address.length, Family::IPv4),
                      address.length};
    if (toward == 0 || holds(prefix, toward, Family::IPv4))
      return address.address;
    if (!first)
      first = address.address;
  }
  return first;
}

static std::optional<Value> ofAnyInterface(const RoutingState &state, unsigned scope) {
  for (const Interface &interface : state.network.interfaces)
    for (const InterfaceAddress &address : interface.addresses) {
      unsigned reach = scopeNumber(address.scope);
      if (isPrimary(address) && reach != scopeNumber("link") && reach <= scope)
        return address.address;
    }
  return std::nullopt;
}

/// Where no text has addresses: that of the interface's local routes, if all of them have the same.
static Choice fromRoutes(const RoutingState &state, llvm::StringRef device) {
  std::optional<Value> only;
  auto local = state.of(Family::IPv4).tables.find("local");
  bool several = false;
  if (local != state.of(Family::IPv4).tables.end())
    for (const ir::NetworkRoute *route : local->second.all())
      if (route->type == ir::RouteType::Local && route->hops.front().device == device && preferredSource(*route)) {
        several |= only && only != preferredSource(*route);
        only = preferredSource(*route);
      }
  if (only && !several)
    return {only, ""};
  return {std::nullopt, fmt::format("the addresses of {} are not known", device.str())};
}

Choice chooseSource4(const RoutingState &state, llvm::StringRef device, Value toward, unsigned scope) {
  if (!state.network.knowsAddresses.has(Family::IPv4))
    return fromRoutes(state, device);
  unsigned hostScope = scopeNumber(state.settings.routesLocalnet(device) ? "link" : "host");
  std::optional<Value> address;
  if (const Interface *interface = state.interface(device))
    address = ofInterface(*interface, toward, scope, hostScope);
  return {address ? address : ofAnyInterface(state, scope), ""};
}

} // namespace iptlint::eval
