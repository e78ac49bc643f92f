#include "lint/Published.h"
#include "analysis/Before.h"
#include "lint/Agents.h"
#include "lint/Translations.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint {

using ir::Rule;
using packet::Field;
using packet::Hook;
using packet::Value;

// --- which there are

/// The only value that a rule asks for.
static std::optional<Value> valueOf(const Rule &rule, Field field) {
  const ir::RangeTest *range = rangeOf(rule, field);
  bool isOne = range && !range->negated && range->ranges.size() == 1 && range->ranges[0].lo == range->ranges[0].hi;
  return isOne ? std::optional(range->ranges[0].lo) : std::nullopt;
}

/// What a target sets a field to.
static std::optional<Value> handedOn(const Rule &rule, Field field) {
  for (const ir::Write &write : rule.target.handsOn)
    if (write.field == field)
      return write == ir::Write::constant(field, write.flip) ? std::optional(write.flip) : std::nullopt;
  return std::nullopt;
}

static bool keeps(const Rule &rule, Field field) {
  return llvm::none_of(rule.target.handsOn, [&](const ir::Write &write) { return write.field == field; });
}

/// The interface with which a rule of FORWARD that accepts packets to the address names it.
static std::optional<Value> interfaceOf(const TableFacts &filter, Value address) {
  std::optional<Value> interface;
  eachRuleBehind(filter, Hook::Forward, [&](const RuleFacts &rule) {
    bool leadsThere = rule.rule().target.kind == ir::TargetKind::Accept && valueOf(rule.rule(), Field::Dst) == address;
    if (leadsThere && !interface)
      interface = valueOf(rule.rule(), Field::Out);
  });
  return interface;
}

static void addPublished(const RuleFacts &rule, const TableFacts &filter, std::vector<Published> &ports) {
  const Rule &dnat = rule.rule();
  if (dnat.target.name != "DNAT" || dnat.broken || hasOpaqueTest(dnat) || agentOfRule(rule).empty())
    return;
  auto protocol = valueOf(dnat, Field::Proto), port = valueOf(dnat, Field::Dport);
  auto address = handedOn(dnat, Field::Dst), number = keeps(dnat, Field::Dport) ? port : handedOn(dnat, Field::Dport);
  bool hasPorts = protocol == Value(packet::kTcp) || protocol == Value(packet::kUdp);
  auto interface = hasPorts && port && address && number ? interfaceOf(filter, *address) : std::nullopt;
  if (interface)
    ports.push_back(
        {{uint8_t(*protocol), uint16_t(*port)}, rule.id, dnat.tests, *address, uint16_t(*number), *interface});
}

std::vector<Published> publishedPorts(const TableFacts &nat, const TableFacts &filter) {
  std::vector<Published> ports;
  eachRuleBehind(nat, Hook::Prerouting, [&](const RuleFacts &rule) { addPublished(rule, filter, ports); });
  return ports;
}

std::string destinationOf(const Published &port, packet::Family family) {
  std::string address = packet::addressText(port.address, family);
  return family == packet::Family::IPv4 ? fmt::format("{}:{}", address, port.number)
                                        : fmt::format("[{}]:{}", address, port.number);
}

// --- what becomes of packets for them

static packet::Packet translated(const Arrival &arrival) {
  packet::Packet packet = arrival.packet;
  packet[Field::Dst] = arrival.port->address;
  packet[Field::Dport] = arrival.port->number;
  return packet;
}

/// The packet as it comes to FORWARD. Conntrack has noted the translation.
static analysis::Kind forwarded(const Arrival &arrival) {
  analysis::Kind kind = translatedLike(translated(arrival), Hook::Forward);
  kind.push_back(is(Field::Out, arrival.port->interface));
  return kind;
}

static bool mayBeTakenElsewhere(const Facts &facts, const analysis::Kind &before, const analysis::Kind &after) {
  return llvm::any_of(facts.tables, [&](const TableFacts &table) {
    llvm::StringRef name = table.table->name;
    return name != "filter" && name != "nat" &&
           (analysis::mayActOn(*table.table, table.graph, Hook::Prerouting, before) ||
            (name != "raw" && analysis::mayActOn(*table.table, table.graph, Hook::Forward, after)));
  });
}

std::vector<std::optional<Passage>> passagesOf(const Facts &facts, const TableFacts &nat, const TableFacts &filter,
                                               llvm::ArrayRef<Arrival> arrivals) {
  std::vector<analysis::Kind> before, after;
  std::vector<ir::RuleId> rules;
  for (const Arrival &arrival : arrivals) {
    rules.push_back(arrival.port->rule);
    before.push_back(like(arrival.packet, Hook::Input, Value(packet::CtState::New)));
    after.push_back(forwarded(arrival));
  }
  analysis::AdmitsOptions options = askingOf(facts);
  options.tellNo = false;
  options.uncertain.set(unsigned(Field::CtStatus));
  packet::Family family = facts.ruleset->family;
  auto rewritten = analysis::admits(withRefusals(*nat.table, rules), family, nat.graph, Hook::Prerouting,
                                    analysis::Ending::Refused, before, options);
  auto accepted =
      analysis::admits(*filter.table, family, filter.graph, Hook::Forward, analysis::Ending::Accepted, after, options);
  std::vector<std::optional<Passage>> passages(arrivals.size());
  for (size_t i = 0; i != arrivals.size(); ++i)
    if (rewritten[i].answer == analysis::Answer::Yes && rewritten[i].by == arrivals[i].port->rule &&
        accepted[i].answer == analysis::Answer::Yes && !mayBeTakenElsewhere(facts, before[i], after[i]))
      passages[i] = Passage{accepted[i].by};
  return passages;
}

} // namespace iptlint::lint
