// A rule for forwarded packets to some addresses by an interface that no route to them leaves by.
//
// Routing decides by which interface a packet leaves, and it has decided before FORWARD. Left out are interfaces of
// bridges, whose packets are not routed, and rule sets with -m policy, since IPsec sends packets another way.
#include "analysis/Routable.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "lint/Marks.h"
#include "lint/Unroutable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::Ways;
using ir::Network;
using llvm::StringRef;
using packet::Field;

/// Whether packets that leave by the interface have surely been routed there.
static bool isRouted(const Network &network, StringRef name) {
  auto isBridge = [&](const ir::Bridge &bridge) {
    return bridge.name == name || llvm::is_contained(bridge.ports, name);
  };
  auto found = llvm::find_if(network.interfaces, [&](const ir::Interface &each) { return each.name == name; });
  bool hasPorts = llvm::any_of(network.interfaces, [&](const ir::Interface &each) { return each.master == name; });
  return found != network.interfaces.end() && found->master.empty() && found->kind != "bridge" &&
         found->kind != "vrf" && !hasPorts && llvm::none_of(network.bridges, isBridge);
}

/// What a rule asks a field to be in; nothing if it asks for nothing, or for what is not in something.
static llvm::ArrayRef<ir::Interval> askedOf(const ir::Rule &rule, Field field) {
  const ir::RangeTest *test = rangeOf(rule, field);
  return test && !test->negated && !test->orField ? llvm::makeArrayRef(test->ranges) : llvm::ArrayRef<ir::Interval>();
}

/// The one interface that the rule's packets leave by; empty if there are several.
static std::string leavesBy(const ir::Rule &rule) {
  llvm::ArrayRef<ir::Interval> out = askedOf(rule, Field::Out);
  return out.size() == 1 && out.front().lo == out.front().hi ? packet::interfaceName(out.front().lo) : "";
}

static bool asksForIpsec(const Facts &facts) {
  bool asks = false;
  eachRule(facts, [&](const RuleFacts &rule) { asks |= llvm::is_contained(rule.rule().words, "policy"); });
  return asks;
}

namespace {

/// The ways to all addresses that a rule asks for, put together.
struct Destination {
  std::string text;
  Ways ways;
};

} // namespace

static Destination destinationOf(const ir::Rule &rule, const analysis::Routable &routable, packet::Family family) {
  Destination destination;
  for (ir::Interval addresses : askedOf(rule, Field::Dst)) {
    Ways ways = routable.waysTo(addresses);
    destination.text += (destination.text.empty() ? "" : ", ") + addressesText(addresses, family);
    destination.ways.local |= ways.local;
    llvm::append_range(destination.ways.out, ways.out);
  }
  return destination;
}

/// "eth0, eth1".
static std::string devicesOf(const Ways &ways) {
  std::vector<StringRef> devices;
  for (const analysis::Way &way : ways.out)
    if (!llvm::is_contained(devices, way.device))
      devices.push_back(way.device);
  return llvm::join(devices, ", ");
}

static void checkRule(const Facts &facts, const RuleFacts &rule, const analysis::Routable &routable, Reporter &report) {
  std::string device = leavesBy(rule.rule());
  if (device.empty() || askedOf(rule.rule(), Field::Dst).empty() || !isRouted(*facts.network, device))
    return;
  Destination to = destinationOf(rule.rule(), routable, facts.ruleset->family);
  if (to.ways.local || to.ways.mayLeaveBy(device))
    return;
  report.add(rule, to.ways.none() ? fmt::format("no route leads to {}", to.text)
                                  : fmt::format("no route to {} leaves by {}; packets there leave by {}", to.text,
                                                device, devicesOf(to.ways)));
}

static void run(const Facts &facts, Reporter &report) {
  if (!facts.network || asksForIpsec(facts))
    return;
  analysis::Routable routable(*facts.network, facts.ruleset->family);
  if (!routable.known())
    return;
  for (const TableFacts &table : facts.tables) {
    std::vector<uint8_t> hooks = hooksByChain(table);
    for (uint32_t c = 0; c != table.table->chains.size(); ++c)
      for (uint32_t r = 0; hooks[c] == bitOf(packet::Hook::Forward) && r != table.table->chains[c].rules.size(); ++r)
        if (RuleFacts rule{table, {c, r}}; !rule.dead() && !rule.rule().broken)
          checkRule(facts, rule, routable, report);
  }
}

extern constinit const Check unroutable_rule = {
    .id = "unroutable-rule",
    .summary = "a rule of FORWARD for an interface that no route to its destination leaves by",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
