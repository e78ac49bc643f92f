#include "driver/Sendable.h"
#include "eval/Connection.h"
#include "packet/Usual.h"

namespace iptlint::driver {

using packet::CtState;
using packet::Field;
using packet::Hook;
using packet::Packet;
using packet::Value;

// --- addresses that routing discards before INPUT and FORWARD. Source: net/ipv4/route.c, ip_route_input_slow(),
//     and net/ipv6/ip6_input.c, ip6_rcv_core().

static bool isMartian4(uint32_t source, uint32_t destination) {
  auto in = [](uint32_t address, unsigned prefix, unsigned length) { return address >> (32 - length) == prefix >> (32 - length); };
  bool badSource = in(source, 0x7f000000, 8) || in(source, 0xe0000000, 4) || source == 0xffffffff || in(source, 0, 8);
  bool badDestination = in(destination, 0x7f000000, 8) || in(destination, 0, 8);
  return badSource || badDestination;
}

static bool isMartian6(Value source, Value destination) {
  auto isMulticast = [](Value address) { return uint8_t(address >> 120) == 0xff; };
  auto isLoopback = [](Value address) { return address == 1; };
  return isMulticast(source) || isLoopback(source) || isLoopback(destination) || destination == 0;
}

static bool isMartian(const Packet &packet) {
  Value source = packet[Field::Src], destination = packet[Field::Dst];
  return packet.family == packet::Family::IPv4 ? isMartian4(uint32_t(source), uint32_t(destination)) : isMartian6(source, destination);
}

// --- what conntrack makes of the first packet it sees of a flow

static std::string whyNotThisState(const Packet &packet) {
  CtState said = CtState(unsigned(packet[Field::CtState])), seen = eval::stateWithoutFlow(packet);
  switch (said) {
  case CtState::New:
    return seen == said ? "" : "conntrack does not take such a packet for the first of a flow";
  case CtState::Invalid:
    return seen == said ? "" : "conntrack takes such a packet for INVALID only if its checksum is wrong";
  case CtState::Untracked:
    return seen == said ? "" : "only a rule in the raw table makes a packet UNTRACKED";
  default:
    return "it belongs to a flow that must be there first";
  }
}

/// IPv6 packets that ip6_rcv_core() drops before any rule: with the loopback address or from a group.
static bool isDiscardedAtOnce(const Packet &packet) {
  if (packet.family != packet::Family::IPv6)
    return false;
  bool fromGroup = packet[Field::Src] >> 120 == 0xff;
  return packet[Field::Src] == 1 || packet[Field::Dst] == 1 || fromGroup;
}

// --- the fields that few rules read

/// The bytes of a packet's headers, of the transport's as far as it must be there.
static unsigned leastLength(const Packet &packet) {
  unsigned network = packet.family == packet::Family::IPv4 ? 20 : 40;
  if (packet::isLaterFragment(packet[Field::Fragment]))
    return network;
  switch (unsigned(packet[Field::Proto])) {
  case packet::kTcp:
    return network + 20;
  case packet::kUdp:
  case packet::kUdplite:
  case packet::kIcmp:
  case packet::kIcmpv6:
    return network + 8;
  case packet::kSctp:
  case packet::kDccp:
    return network + 16;
  default:
    return network;
  }
}

static std::string whyNotThisLength(const Packet &packet) {
  constexpr unsigned kFrame = 1500;
  if (packet[Field::Length] < leastLength(packet))
    return "it is shorter than its headers";
  return packet[Field::Length] > kFrame ? "it is longer than a frame" : "";
}

/// For one field whose value is not the usual.
static std::string whyNotThisValue(const Packet &packet, Field field) {
  bool routed = packet.hook() == Hook::Forward || packet.hook() == Hook::Postrouting;
  switch (field) {
  case Field::Tos:
  case Field::EspSpi:
  case Field::AhSpi:
  case Field::DccpType:
  case Field::MhType:
    return "";
  case Field::Ttl:
    return routed && packet[field] <= 1 ? "routing discards packets that have no hop left" : "";
  case Field::Length:
    return whyNotThisLength(packet);
  case Field::SctpChunks:
    return packet[field] == 0 ? "an SCTP packet has a chunk" : "";
  case Field::PktType:
    return "its frame is not addressed to this machine";
  case Field::PhysIn:
  case Field::PhysOut:
    return "it has to come through a bridge";
  case Field::InGroup:
  case Field::OutGroup:
    return "it takes an interface that was put into a group";
  case Field::Uid:
  case Field::Gid:
    return "only a socket of this machine's own gives packets an owner";
  case Field::Realm:
    return "it takes a route with a realm";
  case Field::PolicyIn:
  case Field::PolicyOut:
    return "IPsec has to transform it";
  case Field::ConnMark:
  case Field::CtStatus:
  case Field::CtReply:
    return "it belongs to a flow that must be there first";
  default:
    return packet::isOfFlow(field) ? "its flow has other addresses or ports than it has" : "its extension headers may not fit each other";
  }
}

static std::string whyNotTheseValues(const Packet &packet) {
  for (Field field : packet::unusualFields(packet))
    if (std::string reason = whyNotThisValue(packet, field); !reason.empty())
      return reason;
  return "";
}

std::string whyNotSendable(const Packet &packet, llvm::StringRef table, bool tracked) {
  if (!packet.assume.empty())
    return "it has to meet, or not, conditions that are not modelled";
  if (packet.hook() == Hook::Output || (packet.hook() == Hook::Postrouting && packet[Field::In] == 0))
    return "only the machine itself sends it";
  if (packet::interfaceName(packet[Field::In]) == "lo")
    return "only the machine itself sends through lo";
  if (packet[Field::Mark] != 0)
    return "a packet from the wire has no mark";
  if (isDiscardedAtOnce(packet))
    return "the kernel discards packets with such an address";
  if (packet.hook() != Hook::Prerouting && isMartian(packet))
    return "routing discards packets with such an address";
  if (std::string reason = whyNotTheseValues(packet); !reason.empty())
    return reason;
  // raw comes before conntrack, for which every packet from the wire is INVALID so far.
  if (table == "raw")
    return !tracked || packet[Field::CtState] == Value(packet::CtState::Invalid) ? "" : "conntrack has not seen the packet yet in raw";
  return tracked ? whyNotThisState(packet) : "";
}

} // namespace iptlint::driver
