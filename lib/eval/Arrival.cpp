#include "eval/Arrival.h"
#include "eval/Decisions.h"
#include "eval/Routing4.h"
#include "eval/Routing6.h"
#include "packet/Usual.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::eval {

using packet::CtState;
using packet::Field;
using packet::Hook;
using packet::Packet;
using packet::Value;

constexpr unsigned kSyn = 2, kRst = 4, kAck = 16;

namespace {

class Completion {
public:
  Completion(Packet packet, const std::bitset<packet::kFieldCount> &given, const ir::Network &network)
      : given(given), network(network) {
    result.traveller.packet = std::move(packet);
  }

  Completed run();

private:
  void completeTransport();
  void completeState();
  void completeLink();
  void completeSocket();
  void completeFlow();
  void completeRest();

  bool isGiven(Field field) const { return given[unsigned(field)]; }
  bool isLocal() { return packet().hook() == Hook::Output; }
  Packet &packet() { return result.traveller.packet; }
  /// A value that may well matter, so that it is told.
  void assume(Field field, Value value);
  void set(Field field, Value value) {
    if (!isGiven(field))
      packet()[field] = value;
  }
  void open(Field field) {
    if (!isGiven(field))
      result.traveller.open.open(field);
  }
  bool isBridge(llvm::StringRef name) const;

  const std::bitset<packet::kFieldCount> &given;
  const ir::Network &network;
  Completed result;
};

} // namespace

void Completion::assume(Field field, Value value) {
  if (isGiven(field))
    return;
  packet()[field] = value;
  result.assumed.push_back(field);
}

static unsigned usualFlags(Value state) {
  if (state < Value(CtState::Established))
    return kSyn;
  return state == Value(CtState::Invalid) ? kRst : kAck;
}

void Completion::completeTransport() {
  constexpr unsigned kEphemeral = 40000, kEcho = 8 << 8, kEcho6 = 128 << 8;
  unsigned protocol = unsigned(packet()[Field::Proto]);
  if (packet::isLaterFragment(packet()[Field::Fragment]))
    return;
  if (packet::hasPorts(protocol))
    assume(Field::Sport, kEphemeral);
  bool four = packet().family == packet::Family::IPv4;
  if (protocol == packet::kTcp)
    assume(Field::TcpFlags, isGiven(Field::CtState) ? usualFlags(packet()[Field::CtState]) : kSyn);
  if (protocol == (four ? packet::kIcmp : packet::kIcmpv6))
    assume(Field::Icmp, four ? kEcho : kEcho6);
}

void Completion::completeState() {
  assume(Field::CtState, Value(stateWithoutFlow(packet())));
}

bool Completion::isBridge(llvm::StringRef name) const {
  return llvm::any_of(network.bridges, [&](const ir::Bridge &bridge) { return bridge.name == name; }) ||
         llvm::any_of(network.interfaces,
                      [&](const ir::Interface &each) { return each.name == name && each.kind == "bridge"; });
}

/// What the frame and the interface say. To which port of a bridge it came, and whether rules are told, is not known.
void Completion::completeLink() {
  set(Field::OutGroup, 0);
  set(Field::PhysOut, 0);
  set(Field::PktType, Value(packet::PktType::Host));
  if (isLocal()) {
    set(Field::Mac, packet::kNoMac);
    set(Field::PhysIn, 0);
    set(Field::InGroup, 0);
    return;
  }
  std::string in = packet::interfaceName(packet()[Field::In]);
  open(Field::Mac);
  if (isBridge(in))
    open(Field::PhysIn);
  std::optional<Value> group = groupOf(network, in);
  set(Field::InGroup, group.value_or(0));
  if (!group)
    open(Field::InGroup);
}

void Completion::completeSocket() {
  if (!isLocal()) {
    set(Field::Uid, packet::kNoSocket);
    set(Field::Gid, packet::kNoSocket);
    return;
  }
  assume(Field::Uid, 0);
  assume(Field::Gid, 0);
}

/// Of a flow that is there already not everything is known.
void Completion::completeFlow() {
  Connection flow{tupleOf(packet()), tupleOf(packet())};
  Packet described = packet();
  describeFlow(described, flow);
  for (unsigned i = unsigned(Field::CtReply); i <= unsigned(Field::CtReplDport); ++i)
    set(Field(i), described[Field(i)]);
  set(Field::ConnMark, 0);
  set(Field::CtStatus, 0);
  bool isOld =
      packet()[Field::CtState] >= Value(CtState::Established) && packet()[Field::CtState] < Value(CtState::Invalid);
  if (isOld)
    for (Field field : {Field::CtStatus, Field::ConnMark})
      open(field);
}

static bool isGroup(Value address, packet::Family family) {
  return family == packet::Family::IPv4 ? isMulticast4(address) : isMulticast6(address);
}

/// What is sent to a group has one hop, unless its socket asks for more.
void Completion::completeRest() {
  for (Field type : {Field::SrcType, Field::DstType})
    set(type, Value(packet::AddrType::Unicast));
  assume(Field::Ttl, isLocal() && isGroup(packet()[Field::Dst], packet().family) ? 1 : 64);
  assume(Field::Length, packet().family == packet::Family::IPv4 ? 60 : 80);
  for (unsigned i = unsigned(Field::Tos); i != packet::kFieldCount; ++i)
    if (Field field = Field(i); !packet::isOfFlow(field) && field != Field::Uid && field != Field::Gid &&
                                field != Field::Ttl && field != Field::Length && field != Field::InGroup)
      set(field, packet::usualValue(field, packet()));
}

Completed Completion::run() {
  completeTransport();
  completeState();
  completeRest();
  completeLink();
  completeSocket();
  completeFlow();
  result.traveller.sourceGiven = isGiven(Field::Src);
  result.traveller.typesGiven[0] = isGiven(Field::SrcType);
  result.traveller.typesGiven[1] = isGiven(Field::DstType);
  return std::move(result);
}

Completed complete(Packet packet, const std::bitset<packet::kFieldCount> &given, const ir::Network &network) {
  return Completion(std::move(packet), given, network).run();
}

/// The answer to a request; of other messages there is none, and it is taken to be of the same type.
static Value answerType(Value icmp, packet::Family family) {
  unsigned type = unsigned(icmp >> 8);
  if (family == packet::Family::IPv6)
    return type == 128 ? 129 << 8 : icmp;
  return type == 8 ? 0 : type == 13 || type == 15 || type == 17 ? (type + 1) << 8 : icmp;
}

Traveller answerTo(const Traveller &traveller, const Trip &trip, const Connection &flow, const ir::Network &network) {
  Packet answer;
  answer.family = trip.packet.family;
  bool fromHere = trip.ending == Ending::Input;
  answer[Field::Hook] = Value(fromHere ? Hook::Output : Hook::Prerouting);
  answer[Field::In] = fromHere ? 0 : packet::interfaceValue(trip.out);
  answer[Field::Proto] = trip.packet[Field::Proto];
  answer[Field::Src] = trip.packet[Field::Dst];
  answer[Field::Dst] = trip.packet[Field::Src];
  answer[Field::Sport] = trip.packet[Field::Dport];
  answer[Field::Dport] = trip.packet[Field::Sport];
  if (fromHere && answer.family == packet::Family::IPv6 && isLinkLocal6(answer[Field::Dst]))
    answer[Field::Out] = trip.packet[Field::In]; // of such a peer a socket knows the interface
  answer[Field::Icmp] = answerType(traveller.packet[Field::Icmp], answer.family);
  answer[Field::TcpFlags] = traveller.packet[Field::TcpFlags] & kSyn ? kSyn | kAck : kAck;
  bool hasFlow = isTracked(trip.packet);
  answer[Field::CtState] = Value(hasFlow ? CtState::Established : stateWithoutFlow(answer));
  answer[Field::ConnMark] = hasFlow ? trip.packet[Field::ConnMark] : 0;
  std::bitset<packet::kFieldCount> given;
  for (Field field : {Field::Src, Field::Dst, Field::Proto, Field::Sport, Field::Dport, Field::Icmp, Field::TcpFlags,
                      Field::CtState, Field::ConnMark})
    given.set(unsigned(field));
  Traveller result = complete(answer, given, network).traveller;
  std::pair<Field, Field> turned[] = {
      {Field::Src, Field::Dst}, {Field::Dst, Field::Src}, {Field::Sport, Field::Dport}, {Field::Dport, Field::Sport}};
  for (auto [from, to] : turned)
    if (trip.open.isOpen(from))
      result.open.open(to, trip.open.possible(from));
  if (!hasFlow)
    return result;
  if (trip.open.isOpen(Field::ConnMark))
    result.open.open(Field::ConnMark);
  result.flow = flow;
  result.flow->reply = true;
  return result;
}

} // namespace iptlint::eval
