// Machines to look up routes in, built by hand; routes from the text of `ip route`.
#pragma once

#include "eval/Routing.h"
#include "parse/Parse.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::Family;
using packet::Value;

inline Value addressOf(llvm::StringRef text) {
  Value value = 0;
  EXPECT_TRUE(packet::parseAddress(text, text.contains(':') ? Family::IPv6 : Family::IPv4, value)) << text.str();
  return value;
}

inline Family familyOf(llvm::StringRef text) {
  return text.contains(':') ? Family::IPv6 : Family::IPv4;
}

/// "10.0.0.0/8", "10.0.0.1".
inline ir::Prefix prefixOf(llvm::StringRef text) {
  auto [address, lengthText] = text.split('/');
  unsigned length = familyOf(text) == Family::IPv6 ? 128 : 32;
  EXPECT_TRUE(lengthText.empty() || !lengthText.getAsInteger(10, length)) << text.str();
  return {addressOf(address), length};
}

class Machine {
public:
  ir::Network network;

  /// Lines of `ip route show`, of one family. With a route of the table local, they are those of all tables.
  Machine &routes(llvm::StringRef text) {
    parse::ParsedRoutes parsed = parse::parseRoutes(support::Source::fromText(text));
    EXPECT_TRUE(parsed.findings.empty()) << parsed.findings.front().message;
    for (ir::Route &route : parsed.routes.routes) {
      know(network.knowsRoutes, route.family);
      if (route.table == "local")
        know(network.knowsAllTables, route.family);
      network.routes.push_back({std::move(route), network.sources.size()});
    }
    network.sources.push_back(parsed.routes.source);
    return *this;
  }

  ir::Interface &interface(llvm::StringRef name) {
    for (ir::Interface &known : network.interfaces)
      if (known.name == name)
        return known;
    ir::Interface &made = network.interfaces.emplace_back();
    made.name = name;
    made.loopback = name == "lo";
    return made;
  }

  /// "10.0.0.1/24" on an interface; an IPv4 address of a prefix that is there already is a secondary one.
  ir::InterfaceAddress &address(llvm::StringRef device, llvm::StringRef text) {
    ir::InterfaceAddress own;
    own.family = familyOf(text);
    own.address = addressOf(text.split('/').first);
    own.length = prefixOf(text).length;
    know(network.knowsAddresses, own.family);
    auto &all = interface(device).addresses;
    all.push_back(own);
    return all.back();
  }

  /// A rule that looks into a table; what it selects by is set in what is returned, before the next rule is made.
  ir::RoutingRule &rule(uint32_t preference, llvm::StringRef table, Family family = Family::IPv4) {
    know(network.knowsRules, family);
    ir::RoutingRule &made = network.rules.emplace_back();
    made.family = family;
    made.preference = preference;
    made.table = table;
    made.words = {"from", "all", "lookup", table};
    return made;
  }

  /// Those that the kernel begins with.
  Machine &startRules(Family family = Family::IPv4) {
    rule(0, "local", family);
    rule(32766, "main", family);
    if (family == Family::IPv4)
      rule(32767, "default", family);
    return *this;
  }

  Machine &set(std::string name, std::string value) {
    ir::Setting &setting = network.settings.emplace_back();
    setting.name = std::move(name);
    setting.value = std::move(value);
    return *this;
  }

  Decisions decide(const Flow &flow) const { return Routing(network).decide(flow); }

private:
  static void know(ir::FamilySet &families, Family family) {
    (family == Family::IPv4 ? families.ipv4 : families.ipv6) = true;
  }
};

inline Flow received(llvm::StringRef in, llvm::StringRef src, llvm::StringRef dst) {
  Flow flow;
  flow.family = familyOf(dst);
  flow.in = in;
  flow.src = addressOf(src);
  flow.dst = addressOf(dst);
  return flow;
}

/// \p src empty: none is chosen yet.
inline Flow sent(llvm::StringRef dst, llvm::StringRef src = "") {
  Flow flow;
  flow.family = familyOf(dst);
  flow.src = src.empty() ? Value(0) : addressOf(src);
  flow.dst = addressOf(dst);
  return flow;
}

/// "out em1 via 10.0.0.1", "local", "no route": a decision in short.
inline std::string inShort(const Decision &decision) {
  std::string text = name(decision.fate).str();
  if (decision.fate == Fate::Martian)
    return text + ": " + name(decision.martian).str();
  if (decision.fate == Fate::Out || decision.fate == Fate::Broadcast || decision.fate == Fate::Multicast)
    text += decision.device.empty() ? "" : " " + decision.device.str();
  if (decision.gateway)
    text += " via " + packet::addressText(*decision.gateway, decision.gatewayFamily);
  return text;
}

/// All decisions, one behind the other, parted by " | ", each with what it supposes.
inline std::string inShort(const Decisions &decisions) {
  std::string text;
  for (const Decision &decision : decisions)
    text += (text.empty() ? "" : " | ") + inShort(decision) +
            (decision.supposing.empty() ? "" : " if " + decision.supposing);
  return text;
}

inline std::string sourceOf(const Decisions &decisions, Family family) {
  const std::optional<Value> &source = decisions.front().source;
  return source ? packet::addressText(*source, family) : "none";
}

} // namespace iptlint::eval
