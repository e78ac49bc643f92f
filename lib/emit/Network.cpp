// What surrounds the rules as text, in a form of its own: everything that was understood, one thing in a line.
#include "ir/Network.h"
#include "emit/Emit.h"
#include <fmt/format.h>

namespace iptlint::emit {

namespace {

using packet::Family;

std::string mac(packet::Value value) {
  std::string text;
  for (int shift = 40; shift >= 0; shift -= 8)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", unsigned(value >> shift & 0xff));
  return text;
}

std::string familyText(Family family) {
  return family == Family::IPv4 ? "ipv4" : "ipv6";
}

std::string prefixText(const ir::Prefix &prefix, Family family) {
  return fmt::format("{}/{}", packet::addressText(prefix.address, family), prefix.length);
}

/// Words of one line, each of which is there only if there is something to say.
class Line {
public:
  explicit Line(std::string text) : text(std::move(text)) {}

  Line &word(bool holds, llvm::StringRef name) {
    if (holds)
      text += fmt::format(" {}", name.str());
    return *this;
  }
  Line &value(llvm::StringRef name, llvm::StringRef value) {
    return word(!value.empty(), fmt::format("{} {}", name.str(), value.str()));
  }
  Line &number(llvm::StringRef name, uint64_t value) {
    return word(value != 0, fmt::format("{} {}", name.str(), value));
  }
  Line &yesNo(llvm::StringRef name, std::optional<bool> value) {
    return word(value.has_value(), fmt::format("{} {}", name.str(), value.value_or(false) ? "yes" : "no"));
  }
  Line &address(llvm::StringRef name, const std::optional<packet::Value> &value, Family family) {
    return value ? this->value(name, packet::addressText(*value, family)) : *this;
  }

  std::string text;
};

std::string addressLine(const ir::InterfaceAddress &address) {
  Line line(fmt::format("  address {}/{}", packet::addressText(address.address, address.family), address.length));
  line.address("peer", address.peer, address.family).address("broadcast", address.broadcast, address.family);
  line.value("scope", address.scope).word(address.secondary, "secondary").word(address.unusable, "unusable");
  return line.word(address.deprecated, "deprecated").word(address.noPrefixRoute, "noprefixroute").text + "\n";
}

std::string interfaceLines(const ir::Interface &interface) {
  Line line(fmt::format("interface {}", interface.name.str()));
  line.number("index", interface.index).yesNo("up", interface.up).yesNo("carrier", interface.carrier);
  line.word(interface.loopback, "loopback")
      .word(interface.pointToPoint, "point-to-point")
      .word(interface.noArp, "no-arp");
  line.value("mac", interface.mac ? mac(*interface.mac) : "")
      .number("mtu", interface.mtu)
      .value("kind", interface.kind);
  line.value("master", interface.master).value("group", interface.group).value("vrf-table", interface.vrfTable);
  if (const auto &vxlan = interface.vxlan)
    line.word(true, fmt::format("vxlan {}", vxlan->id))
        .address("local", vxlan->local, vxlan->family)
        .value("dev", vxlan->device)
        .number("port", vxlan->port);
  std::string text = line.text + "\n";
  for (const ir::InterfaceAddress &address : interface.addresses)
    text += addressLine(address);
  return text;
}

std::string bridgeLine(const ir::Bridge &bridge) {
  Line line(fmt::format("bridge {}", bridge.name.str()));
  line.value("id", bridge.id).yesNo("stp", bridge.stp).word(!bridge.ports.empty(), "ports");
  for (llvm::StringRef port : bridge.ports)
    line.word(true, port);
  return line.text + "\n";
}

std::string actionText(const ir::RoutingRule &rule) {
  switch (rule.action) {
  case ir::RoutingAction::Lookup:
    return rule.l3mdev ? "lookup l3mdev" : fmt::format("lookup {}", rule.table.str());
  case ir::RoutingAction::Goto:
    return fmt::format("goto {}", rule.goesTo);
  case ir::RoutingAction::Nop:
    return "nop";
  case ir::RoutingAction::Blackhole:
    return "blackhole";
  case ir::RoutingAction::Unreachable:
    return "unreachable";
  case ir::RoutingAction::Prohibit:
    return "prohibit";
  case ir::RoutingAction::Nat:
    return "nat";
  }
  return "";
}

Line &addSpan(Line &line, llvm::StringRef name, const std::optional<ir::RoutingRule::Span> &span) {
  return line.word(span.has_value(), span ? fmt::format("{} {}-{}", name.str(), span->lo, span->hi) : "");
}

std::string ruleLine(const ir::RoutingRule &rule) {
  Line line(fmt::format("rule {} {}", familyText(rule.family), rule.preference));
  line.word(rule.negated, "not")
      .value("from", prefixText(rule.from, rule.family))
      .value("to", prefixText(rule.to, rule.family));
  line.value("iif", rule.in).value("oif", rule.out);
  line.word(rule.markMask != 0, fmt::format("fwmark {:#x}/{:#x}", rule.mark, rule.markMask));
  line.word(rule.tos.has_value(), fmt::format("tos {:#x}", rule.tos.value_or(0)));
  line.word(rule.protocol.has_value(), fmt::format("ipproto {}", rule.protocol.value_or(0)));
  addSpan(line, "sport", rule.sport);
  addSpan(line, "dport", rule.dport);
  addSpan(line, "uidrange", rule.uid);
  line.word(true, actionText(rule));
  line.word(rule.suppressLength.has_value(), fmt::format("suppress_prefixlength {}", rule.suppressLength.value_or(0)));
  line.value("suppress_ifgroup", rule.suppressGroup.value_or(""));
  return line.word(rule.opaque, "opaque").text + "\n";
}

// In the order of ir::RouteType.
constexpr llvm::StringLiteral kTypes[] = {"unicast",  "local",     "broadcast", "multicast", "unreachable",
                                          "prohibit", "blackhole", "throw",     "nat",       "anycast"};

std::string hopText(const ir::NextHop &hop, Family family) {
  Line line("  hop");
  line.address("via", hop.gateway, hop.gatewayFamily.value_or(family));
  line.word(!hop.gateway && hop.gatewayFamily, "via another family's gateway").value("dev", hop.device);
  line.number("weight", hop.weight == 1 ? 0 : hop.weight).word(hop.onLink, "onlink").word(hop.unusable, "dead");
  return line.word(hop.linkDown, "linkdown").text + "\n";
}

std::string routeLines(const ir::Route &route) {
  Line line(fmt::format("route {} {} {}", familyText(route.family), kTypes[size_t(route.type)].str(),
                        prefixText(route.destination, route.family)));
  line.value("table", route.table).number("metric", route.metric).address("src", route.source, route.family);
  line.value("proto", route.protocol).value("scope", route.scope);
  line.word(route.tos.has_value(), fmt::format("tos {:#x}", route.tos.value_or(0)));
  line.word(route.from.length != 0, fmt::format("from {}", prefixText(route.from, route.family)));
  std::string text = line.word(route.opaque, "opaque").word(route.broken, "broken").text + "\n";
  for (const ir::NextHop &hop : route.hops)
    text += hopText(hop, route.family);
  return text;
}

std::string knownLine(llvm::StringRef what, const ir::FamilySet &families) {
  Line line(fmt::format("known {}", what.str()));
  line.word(families.ipv4, "ipv4").word(families.ipv6, "ipv6");
  return families.ipv4 || families.ipv6 ? line.text + "\n" : "";
}

} // namespace

std::string networkText(const ir::Network &network) {
  std::string text = knownLine("addresses", network.knowsAddresses) + knownLine("rules", network.knowsRules) +
                     knownLine("routes", network.knowsRoutes) + knownLine("all-tables", network.knowsAllTables);
  for (const ir::Interface &interface : network.interfaces)
    text += interfaceLines(interface);
  for (const ir::Bridge &bridge : network.bridges)
    text += bridgeLine(bridge);
  for (const ir::RoutingRule &rule : network.rules)
    text += ruleLine(rule);
  for (const ir::NetworkRoute &route : network.routes)
    text += routeLines(route);
  for (const ir::Setting &setting : network.settings)
    text += fmt::format("setting {} = {}\n", setting.name, setting.value);
  return text;
}

} // namespace iptlint::emit
