// Ports that a machine opens to everybody in one family and to nobody in the other.
//
// Asked of INPUT in both families about the ports that either names, and one that neither does, as strangers would come
// there (Strangers.h). What passes through FORWARD is not compared: IPv4 hides behind nat there what IPv6 has to
// filter. Nor is ICMP, which IPv6 cannot do without.
#include "lint/Check.h"
#include "lint/Strangers.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <set>

namespace iptlint::lint::checks {

using packet::Family;
using packet::Field;
using packet::Hook;

/// So many ports are asked about.
static constexpr size_t kMostPorts = 200;

/// The only rule set of a family that has a whole table filter; nullptr if there is none, or more.
static const Facts *onlyOne(const Facts &facts, Family family) {
  const Facts *only = nullptr;
  for (const Facts *of : facts.machine)
    if (of->ruleset->family == family && wholeFilter(*of)) {
      if (only)
        return nullptr;
      only = of;
    }
  return only;
}

namespace {

/// What the rules of both families name.
struct Named {
  std::set<Port> ports;
  std::vector<ir::Interval> numbers;
};

} // namespace

static void addNamedPorts(const ir::Rule &rule, Named &named) {
  const ir::RangeTest *protocol = rangeOf(rule, Field::Proto), *ports = rangeOf(rule, Field::Dport);
  if (!ports)
    return;
  named.numbers.insert(named.numbers.end(), ports->ranges.begin(), ports->ranges.end());
  bool hasOne = protocol && !protocol->negated && protocol->ranges.size() == 1;
  packet::Value of = hasOne ? protocol->ranges.front().lo : 0;
  if (of == packet::kTcp || of == packet::kUdp)
    for (ir::Interval range : ports->ranges)
      named.ports.insert({uint8_t(of), uint16_t(range.lo)});
}

/// And a port of TCP that nobody names.
static std::vector<Port> portsToAsk(const Facts &one, const Facts &other) {
  Named named;
  for (const Facts *of : {&one, &other})
    eachRuleBehind(*wholeFilter(*of), Hook::Input, [&](const RuleFacts &rule) { addNamedPorts(rule.rule(), named); });
  std::vector<Port> ports(named.ports.begin(), named.ports.end());
  if (ports.size() > kMostPorts)
    ports.resize(kMostPorts);
  if (auto gap = largestGap(joined(std::move(named.numbers)), {1024, 65535}))
    ports.push_back({packet::kTcp, uint16_t(gap->lo)});
  return ports;
}

/// "IPv4 refuses", "IPv4 refuses in rules.v4".
static std::string refuserOf(const Facts &facts, const Facts &other) {
  std::string words = other.ruleset->family == Family::IPv4 ? "IPv4 refuses" : "IPv6 refuses";
  bool elsewhere = other.ruleset->source != facts.ruleset->source;
  return elsewhere ? words + " in " + other.ruleset->source->path().str() : words;
}

static void reportOpened(const Facts &facts, const TableFacts &filter, const std::optional<ir::RuleId> &by,
                         const Opened &opened, const Facts &other, Reporter &report) {
  std::string what = fmt::format("opens {} to everybody, which {}: {}", wordsFor(opened.ports), refuserOf(facts, other),
                                 wordsFor(opened.packet));
  if (by)
    report.add(RuleFacts{filter, *by}, "this rule " + what);
  else
    report.add(filter, *chainOf(filter, Hook::Input), "the policy of INPUT " + what);
}

static void run(const Facts &facts, Reporter &report) {
  Family family = facts.ruleset->family;
  const Facts *own = onlyOne(facts, family);
  const Facts *other = onlyOne(facts, family == Family::IPv4 ? Family::IPv6 : Family::IPv4);
  if (own != &facts || !other)
    return;
  const TableFacts &filter = *wholeFilter(facts), &others = *wholeFilter(*other);
  if (!chainOf(filter, Hook::Input) || !chainOf(others, Hook::Input))
    return;
  std::vector<Port> ports = portsToAsk(facts, *other);
  // Who has no use for IPv6 closes all of it.
  if (family == Family::IPv4 && openedToStrangers(*other, others, ports).empty())
    return;
  std::vector<Port> closed = closedToStrangers(*other, others, ports);
  for (const auto &[by, opened] : openedToStrangers(facts, filter, closed))
    reportOpened(facts, filter, by, opened, *other, report);
}

extern constinit const Check ipv6_parity = {
    .id = "ipv6-parity",
    .summary = "a port that one family opens to everybody and the other to nobody",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
