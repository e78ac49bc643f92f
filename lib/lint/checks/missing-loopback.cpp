// Packets that the machine sends to itself, refused.
//
// Asked of INPUT with a packet from 127.0.0.1 to 127.0.0.1 by lo that starts a flow, for a port that no rule names:
// what is refused by name is refused on purpose. That is how services of one machine talk to each other, and few mean
// to stop that.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using packet::Family;
using packet::Field;
using packet::Hook;

/// Ports that no rule of INPUT names; nothing if all are.
static std::optional<ir::Interval> unnamedPorts(const TableFacts &filter, Field field, ir::Interval within) {
  std::vector<bool> behind = chainsBehind(filter, Hook::Input);
  std::vector<ir::Interval> named;
  for (uint32_t c = 0; c != behind.size(); ++c)
    if (behind[c])
      for (const ir::Rule &rule : filter.table->chains[c].rules)
        for (const ir::Test &test : rule.tests)
          addNamed(test, field, named);
  return largestGap(joined(std::move(named)), within);
}

static std::optional<analysis::Kind> packetToItself(const Facts &facts, const TableFacts &filter) {
  std::optional<ir::Interval> from = unnamedPorts(filter, Field::Sport, {1024, 65535}),
                              to = unnamedPorts(filter, Field::Dport, {1, 65535});
  if (!from || !to)
    return std::nullopt;
  Family family = facts.ruleset->family;
  ir::Interval localhost = family == Family::IPv4 ? prefix("127.0.0.1", 32, family) : prefix("::1", 128, family);
  analysis::Kind kind = {is(Field::CtState, packet::Value(packet::CtState::New)),
                         is(Field::Fragment, packet::Value(packet::Fragment::Whole)),
                         is(Field::SrcType, packet::Value(packet::AddrType::Local)),
                         is(Field::DstType, packet::Value(packet::AddrType::Local)),
                         is(Field::In, packet::interfaceValue("lo")),
                         oneOf(Field::Src, localhost),
                         oneOf(Field::Dst, localhost),
                         oneOf(Field::Sport, *from),
                         oneOf(Field::Dport, *to)};
  addProtocol(kind, packet::kTcp);
  for (Field field :
       {Field::Mark, Field::ConnMark, Field::InGroup, Field::PolicyIn, Field::PhysIn, Field::PktType, Field::Tos})
    kind.push_back(is(field, 0));
  return kind;
}

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = wholeFilter(facts);
  const ir::Chain *input = filter ? chainOf(*filter, Hook::Input) : nullptr;
  auto kind = input ? packetToItself(facts, *filter) : std::nullopt;
  if (!kind || mayBeTakenElsewhere(facts, Hook::Input, *kind))
    return;
  analysis::AdmitsOptions options = askingOf(facts);
  options.tellNo = false;
  analysis::Admission found = analysis::admits(*filter->table, facts.ruleset->family, filter->graph, Hook::Input,
                                               analysis::Ending::Refused, *kind, options)
                                  .front();
  if (found.answer != analysis::Answer::Yes)
    return;
  std::string what = "refuses what the machine sends to itself: " + wordsFor(found.packet);
  if (found.by)
    report.add(RuleFacts{*filter, *found.by}, "this rule " + what);
  else
    report.add(*filter, *input, "the policy of INPUT " + what);
}

extern constinit const Check missing_loopback = {
    .id = "missing-loopback",
    .summary = "packets of the machine to itself are refused",
    .severity = support::Severity::Warning,
    .run = run,
    .group = Group::Hygiene,
};

} // namespace iptlint::lint::checks
