// What the texts say, and where they do not, what the kernel begins with and what follows from addresses.
#include "eval/RoutingState.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::NetworkRoute;
using ir::RoutingRule;
using packet::Family;
using packet::Value;

std::string textOf(const RoutingRule &rule) {
  return fmt::format("{}: {}", rule.preference, llvm::join(rule.words, " "));
}

std::string textOf(const ir::Route &route) {
  return llvm::join(route.words, " ");
}

static RoutingRule startRule(Family family, uint32_t preference, llvm::StringRef table) {
  RoutingRule rule;
  rule.family = family;
  rule.preference = preference;
  rule.table = table;
  rule.words = {"from", "all", "lookup", table};
  return rule;
}

/// Source: net/ipv4/fib_rules.c, fib_default_rules_init(); net/ipv6/fib6_rules.c, fib6_rules_net_init().
static std::vector<RoutingRule> kernelsRules() {
  return {startRule(Family::IPv4, 0, "local"), startRule(Family::IPv4, 32766, "main"),
          startRule(Family::IPv4, 32767, "default"), startRule(Family::IPv6, 0, "local"),
          startRule(Family::IPv6, 32766, "main")};
}

/// Whether a rule is one that the kernel begins with: all packets look into the table.
static bool isStartRule(const RoutingRule &rule) {
  bool plain = rule.words.size() >= 4 && rule.words[0] == "from" && rule.words[1] == "all" &&
               rule.words[2] == "lookup" && (rule.words.size() == 4 || rule.words[4] == "proto");
  if (!plain)
    return false;
  llvm::StringRef table = tableName(rule.table);
  return (rule.preference == 0 && table == "local") || (rule.preference == 32766 && table == "main") ||
         (rule.preference == 32767 && table == "default" && rule.family == Family::IPv4);
}

void RoutingState::addRules(Tables &into, Family family) {
  bool known = network.knowsRules.has(family);
  for (const RoutingRule &rule : known ? network.rules : startRules)
    if (rule.family == family)
      into.rules.push_back(&rule);
  llvm::stable_sort(into.rules, [](auto *a, auto *b) { return a->preference < b->preference; });
  size_t atStart = family == Family::IPv4 ? 3 : 2;
  into.customRules =
      into.rules.size() != atStart || !llvm::all_of(into.rules, [](auto *rule) { return isStartRule(*rule); });
}

void RoutingState::addRoute(Tables &into, const NetworkRoute &route) {
  if (route.broken) {
    into.broken = &route;
    return;
  }
  llvm::StringRef table = tableOf(route);
  into.tables.try_emplace(table, route.family).first->second.add(route);
  if (table == "local" || table == "main")
    into.merged.add(route);
  into.customLocal |= route.type == ir::RouteType::Local && route.protocol != "kernel";
  into.realms |= llvm::is_contained(route.words, "realms");
}

void RoutingState::addRoutes(Tables &into, Family family) {
  into.allTablesKnown = network.knowsAllTables.has(family);
  into.routesKnown = network.knowsRoutes.has(family);
  into.ownKnown = into.allTablesKnown || network.knowsAddresses.has(family);
  if (!into.allTablesKnown)
    network.knowsAddresses.has(family) ? ownRoutes.addLocal(family) : ownRoutes.addInferred(family);
  if (!into.routesKnown)
    ownRoutes.addConnected(family);
  for (const NetworkRoute &route : network.routes)
    if (route.family == family)
      addRoute(into, route);
  for (const NetworkRoute &route : ownRoutes.all())
    if (route.family == family)
      addRoute(into, route);
  for (auto &table : into.tables)
    table.second.sort();
  into.merged.sort();
}

RoutingState::RoutingState(const ir::Network &network)
    : network(network), settings(network), ownRoutes(network, settings), startRules(kernelsRules()) {
  for (const ir::Interface &interface : network.interfaces)
    interfaces[interface.name] = &interface;
  addRules(four, Family::IPv4);
  addRules(six, Family::IPv6);
  addRoutes(four, Family::IPv4);
  addRoutes(six, Family::IPv6);
}

const ir::Interface *RoutingState::interface(llvm::StringRef name) const {
  return interfaces.lookup(name);
}

/// A master whose kind no text shows is a VRF only where a rule speaks of them: the kernel adds one with the first VRF.
std::optional<std::string> RoutingState::vrfOf(llvm::StringRef name) const {
  const ir::Interface *port = interface(name);
  if (!port || (port->master.empty() && port->kind != "vrf"))
    return std::nullopt;
  if (port->kind == "vrf")
    return fmt::format("{} is a VRF", name.str());
  const ir::Interface *master = interface(port->master);
  if (master && master->kind == "vrf")
    return fmt::format("{} is in the VRF {}", name.str(), port->master.str());
  bool isBridge = llvm::any_of(network.bridges, [&](const ir::Bridge &bridge) { return bridge.name == port->master; });
  bool kindKnown = isBridge || (master && !master->kind.empty());
  if (kindKnown || !llvm::any_of(network.rules, [](const RoutingRule &rule) { return rule.l3mdev; }))
    return std::nullopt;
  return fmt::format("{} may be in a VRF, {}", name.str(), port->master.str());
}

bool RoutingState::isOwn(Family family, Value address) const {
  if (network.knowsAddresses.has(family)) {
    for (const ir::Interface &interface : network.interfaces)
      for (const ir::InterfaceAddress &own : interface.addresses)
        if (own.family == family && own.address == address)
          return true;
    return false;
  }
  auto local = of(family).tables.find("local");
  if (local == of(family).tables.end())
    return false;
  for (RouteGroup group : local->second.holding(address))
    for (const NetworkRoute *route : group)
      if (route->type == ir::RouteType::Local && route->protocol == "kernel" && route->destination.address == address)
        return true;
  return false;
}

template <class T> static bool within(const std::vector<T> &all, const T *one) {
  return !all.empty() && &all.front() <= one && one <= &all.back();
}

const NetworkRoute *RoutingState::written(const NetworkRoute *route) const {
  return within(network.routes, route) ? route : nullptr;
}

const RoutingRule *RoutingState::written(const RoutingRule *rule) const {
  return within(network.rules, rule) ? rule : nullptr;
}

} // namespace iptlint::eval
