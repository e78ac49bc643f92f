#include "lint/Interfaces.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

const ir::Interface *interfaceNamed(const ir::Network &network, llvm::StringRef name) {
  auto found = llvm::find_if(network.interfaces, [&](const ir::Interface &each) { return each.name == name; });
  return found == network.interfaces.end() ? nullptr : &*found;
}

static bool holds(const ir::NetworkRoute &route, packet::Value address) {
  unsigned host = packet::bits(packet::Field::Dst, route.family) - route.destination.length;
  return route.destination.length == 0 || (route.destination.address ^ address) >> host == 0;
}

bool isOwnAddress(const ir::Network &network, packet::Family family, packet::Value address) {
  auto has = [&](const ir::Interface &interface) {
    return llvm::any_of(interface.addresses, [&](const ir::InterfaceAddress &own) {
      return own.family == family && own.address == address && !own.unusable;
    });
  };
  auto takes = [&](const ir::NetworkRoute &route) {
    return route.family == family && route.type == ir::RouteType::Local && !route.broken && !route.opaque &&
           holds(route, address);
  };
  return llvm::any_of(network.interfaces, has) || llvm::any_of(network.routes, takes);
}

static bool takesAll(const ir::RoutingRule &rule) {
  bool anyPacket = rule.from.length == 0 && rule.to.length == 0 && rule.in.empty() && rule.out.empty() &&
                   rule.markMask == 0 && !rule.tos && !rule.protocol && !rule.sport && !rule.dport && !rule.uid;
  return anyPacket && !rule.negated && !rule.l3mdev && !rule.opaque && !rule.suppressLength && !rule.suppressGroup;
}

bool takesOwnFirst(const ir::Network &network, packet::Family family) {
  const ir::RoutingRule *first = nullptr;
  for (const ir::RoutingRule &rule : network.rules)
    if (rule.family == family && (!first || rule.preference < first->preference))
      first = &rule;
  return network.knowsRules.has(family) && first && first->action == ir::RoutingAction::Lookup &&
         first->table == "local" && takesAll(*first);
}

bool isRouted(const ir::Network &network, llvm::StringRef name) {
  const ir::Interface *interface = interfaceNamed(network, name);
  auto isBridge = [&](const ir::Bridge &bridge) {
    return bridge.name == name || llvm::is_contained(bridge.ports, name);
  };
  bool hasPorts = llvm::any_of(network.interfaces, [&](const ir::Interface &each) { return each.master == name; });
  return interface && interface->master.empty() && interface->kind != "bridge" && interface->kind != "vrf" &&
         !hasPorts && llvm::none_of(network.bridges, isBridge);
}

bool isRouter(const ir::Network &network) {
  return !network.interfaces.empty() && llvm::all_of(network.interfaces, [&](const ir::Interface &each) {
    return each.loopback || isRouted(network, each.name);
  });
}

} // namespace iptlint::lint
