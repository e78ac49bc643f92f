// The packets that a query begins with, and what it answers of those that have ended.
#include "eval/Arrival.h"
#include "eval/Decisions.h"
#include "ir/Reads.h"
#include "packet/Usual.h"
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using packet::CtState;
using packet::Family;
using packet::Hook;
using packet::Packet;

bool Walk::reads(Field field) const {
  bool does = false;
  for (const ir::Test &test : question.tests)
    ir::forEachRead(test, [&](Field read, Value) { does |= read == field; });
  return does;
}

static bool isBridge(const ir::Network &network, llvm::StringRef name) {
  return llvm::any_of(network.bridges, [&](const ir::Bridge &bridge) { return bridge.name == name; }) ||
         llvm::any_of(network.interfaces,
                      [&](const ir::Interface &each) { return each.name == name && each.kind == "bridge"; });
}

/// Headers differ, and what nobody can say beforehand; the rest is as of a plain packet unless the question reads it.
void Walk::openFields() {
  bool isLocal = question.in.empty();
  Packet dummy;
  dummy.family = question.family;
  dummy[Field::Hook] = Value(isLocal ? Hook::Output : Hook::Prerouting);
  dummy[Field::In] = packet::interfaceValue(question.in);
  dummy[Field::Out] = packet::interfaceValue(question.bound);
  dummy[Field::Proto] = packet::kUdp;
  std::bitset<packet::kFieldCount> given;
  given.set(unsigned(Field::Proto));
  answer.plain = eval::complete(dummy, given, *machine.network).traveller.packet;
  for (Field field : {Field::Dst, Field::Proto, Field::Sport, Field::Dport, Field::Icmp, Field::TcpFlags})
    answer.open.set(unsigned(field));
  if (!isLocal) {
    answer.open.set(unsigned(Field::Src));
    answer.open.set(unsigned(Field::Mac));
    if (!eval::groupOf(*machine.network, question.in))
      answer.open.set(unsigned(Field::InGroup));
    if (isBridge(*machine.network, question.in))
      answer.open.set(unsigned(Field::PhysIn));
  }
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    Field field = Field(i);
    bool isElsewhere = field == Field::Hook || field == Field::In || field == Field::Out || field == Field::CtState ||
                       field == Field::SrcType || field == Field::DstType || field == Field::Fragment;
    if (!isElsewhere && reads(field))
      answer.open.set(i);
  }
}

/// The states that packets without a flow have, and which packets these are.
std::vector<std::pair<CtState, Box>> Walk::startingStates() const {
  bool six = question.family == Family::IPv6;
  Value icmp = six ? packet::kIcmpv6 : packet::kIcmp;
  auto protocols = [&](Box &box, bool others, Value protocol) {
    Ranges all =
        others ? outside(joined({{packet::kTcp, packet::kTcp}, {icmp, icmp}}), 255) : Ranges{{protocol, protocol}};
    box.restrict(Field::Proto, all);
  };
  std::vector<std::pair<CtState, Box>> states;
  states.push_back({CtState::New, Box()});
  protocols(states.back().second, true, 0);
  for (auto [protocol, field] : {std::pair{Value(packet::kTcp), Field::TcpFlags}, std::pair{icmp, Field::Icmp}}) {
    std::map<CtState, std::vector<ir::Interval>> values;
    Packet packet = answer.plain;
    packet[Field::Proto] = protocol;
    for (Value value = 0; value <= packet::maxValue(field, question.family); ++value) {
      packet[field] = value;
      values[eval::stateWithoutFlow(packet)].push_back({value, value});
    }
    for (auto &[state, intervals] : values)
      if (state == CtState::New || reads(field)) {
        states.push_back({state, Box()});
        protocols(states.back().second, false, protocol);
        states.back().second.restrict(field, joined(intervals));
      }
  }
  return states;
}

Parts Walk::startIn(CtState state, const Box &box) {
  Part part;
  part.region.family = question.family;
  part.region.box = box;
  part.entering = part.intended = Value(state);
  holdConstant(part, Field::CtState, Value(state));
  if (question.family == Family::IPv6)
    holdUnknown(part, Field::ExtHeaders);
  bool isOld = state == CtState::Established || state == CtState::Related;
  for (Field field : {Field::CtStatus, Field::ConnMark})
    if (isOld && !answer.open.test(unsigned(field)))
      holdUnknown(part, field);
  for (unsigned i = 0; i != 4; ++i)
    part.first[i] = heldBy(part, std::array{Field::Src, Field::Dst, Field::Sport, Field::Dport}[i]);
  describeFlow(part);
  ir::Rule asked;
  for (const ir::Test &test : question.tests) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (!range || range->field != Field::CtState)
      asked.tests.push_back(test);
  }
  Matched matched;
  match(part, asked, kNoTable, 0, 0, matched);
  return std::move(matched.met);
}

/// Whether packets in a state are asked for.
static bool wants(llvm::ArrayRef<ir::Test> tests, CtState state) {
  return llvm::all_of(tests, [&](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    return !range || range->field != Field::CtState || has(range->ranges, Value(state)) != range->negated;
  });
}

Parts Walk::start() {
  openFields();
  std::vector<std::pair<CtState, Box>> states;
  if (reads(Field::CtState)) {
    for (CtState state : {CtState::New, CtState::Established, CtState::Related, CtState::Invalid, CtState::Untracked})
      states.push_back({state, Box()});
  } else {
    states = startingStates();
  }
  Parts parts;
  for (auto &[state, box] : states) {
    if (!wants(question.tests, state))
      continue;
    std::vector<ir::Interval> possible;
    for (unsigned protocol = 0; protocol != 256; ++protocol)
      if (packet::canBeProtocol(protocol, question.family))
        possible.push_back({protocol, protocol});
    answer.started.push_back(box);
    if (box.restrict(Field::Proto, joined(possible)))
      for (Part &part : startIn(state, box))
        parts.push_back(std::move(part));
  }
  return parts;
}

Walk::Walk(const eval::Machine &machine, const Question &question)
    : machine(machine), question(question), cells(machine, question.family) {}

/// Addresses and ports that are not what they were.
static std::vector<std::pair<Field, std::optional<Value>>> rewrittenIn(const Part &part, packet::Family family) {
  std::vector<std::pair<Field, std::optional<Value>>> rewritten;
  for (Field field : {Field::Src, Field::Sport, Field::Dst, Field::Dport}) {
    auto found = llvm::find_if(part.changed, [&](const auto &each) { return each.first == field; });
    if (found == part.changed.end() || (field == Field::Src && part.ownSource == found->second))
      continue;
    const Held &held = found->second;
    Ranges entering = part.region.valuesOf(field);
    bool same = held.isConstant() && entering.size() == 1 && entering[0] == ir::Interval{held.flip, held.flip};
    if (!same)
      rewritten.push_back({field, held.isConstant() ? std::optional(held.flip) : std::nullopt});
  }
  return rewritten;
}

Answer Walk::run() {
  for (Part &part : start()) {
    if (question.in.empty())
      sendOwn(std::move(part));
    else
      arrive(std::move(part));
  }
  for (Ended &ended : answer.ends)
    if (ended.fate.ending == Ending::Forward || ended.fate.ending == Ending::Input ||
        ended.fate.ending == Ending::Output)
      ended.fate.rewritten = rewrittenIn(ended.part, question.family);
  return std::move(answer);
}

/// Whether nothing of a part is otherwise than the user has it. What was assumed has no share.
static bool isAssumed(Part &part, llvm::ArrayRef<eval::Assumption> assumptions) {
  bool agrees = true;
  for (Condition &condition : part.conditions)
    for (const eval::Assumption &assumption : assumptions)
      if (assumption.fits(condition.text)) {
        assumption.used = true;
        agrees &= assumption.holds == condition.holds;
        condition.share.reset();
        break;
      }
  return agrees;
}

Answer ask(const eval::Machine &machine, const Question &question) {
  Answer answer = Walk(machine, question).run();
  llvm::erase_if(answer.ends, [&](Ended &ended) { return !isAssumed(ended.part, question.assumptions); });
  return answer;
}

static Packet ordinary(const Answer &answer) {
  Packet packet = answer.plain;
  bool four = packet.family == Family::IPv4;
  if (answer.open.test(unsigned(Field::Src)))
    packet[Field::Src] = four ? Value(0xc0000209u) : Value(0x20010db8) << 96 | 9;
  packet[Field::SrcType] = packet[Field::DstType] = Value(packet::AddrType::Unicast);
  packet[Field::Dst] = four ? Value(0xc6336407u) : Value(0x20010db8) << 96 | 0x10007;
  packet[Field::Proto] = packet::kTcp;
  packet[Field::Sport] = 40000;
  packet[Field::Dport] = 80;
  packet[Field::TcpFlags] = 2;
  packet[Field::Icmp] = four ? 8 << 8 : 128 << 8;
  if (answer.open.test(unsigned(Field::Mac)))
    packet[Field::Mac] = Value(2) << 40 | 1;
  return packet;
}

Found findPacket(const Answer &answer, const Part &part, Packet &into, uint64_t effort) {
  into = ordinary(answer);
  into[Field::CtState] = part.entering;
  Found found = findPacket(part.region, into, effort);
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    if (packet::isOfFlow(Field(i)) && !answer.open.test(i) && Field(i) != Field::CtState)
      into[Field(i)] = packet::usualValue(Field(i), into);
  return found;
}

bool holds(const Part &part, const Packet &packet) {
  auto isIn = [&](const Box &box) {
    return llvm::all_of(box.all(), [&](const Box::Side &side) { return has(side.values, packet[side.field]); });
  };
  return packet[Field::CtState] == part.entering && isIn(part.region.box) &&
         llvm::none_of(part.region.without, [&](const Exception *each) { return isIn(each->box); });
}

eval::Traveller travellerOf(const Answer &answer, const Packet &packet, const ir::Network &network) {
  std::bitset<packet::kFieldCount> given = answer.open;
  given.set(unsigned(Field::CtState));
  if (packet[Field::Out])
    given.set(unsigned(Field::Out));
  return eval::complete(packet, given, network).traveller;
}

} // namespace iptlint::query
