#include "driver/Sendable.h"
#include "llvm/ADT/STLExtras.h"
#include <iterator>

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

/// TCP: only a SYN, or an ACK in midstream, opens a flow. Source: nf_conntrack_proto_tcp.c, tcp_conntracks[] and
/// tcp_valid_flags[]; PSH plays no part.
static bool tcpOpensFlow(unsigned flags) {
  constexpr unsigned syn = 2, psh = 8, ack = 16, urg = 32;
  unsigned rest = flags & ~(psh | urg);
  return rest == syn || rest == ack;
}

/// Source: nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c, valid_new[].
static bool icmpOpensFlow(const Packet &packet) {
  static constexpr unsigned requests4[] = {8, 13, 15, 17}, requests6[] = {128, 139};
  unsigned type = unsigned(packet[Field::Icmp] >> 8);
  return packet.family == packet::Family::IPv4 ? llvm::is_contained(requests4, type) : llvm::is_contained(requests6, type);
}

static bool opensFlow(const Packet &packet) {
  unsigned protocol = unsigned(packet[Field::Proto]);
  if (packet::isLaterFragment(packet[Field::Fragment]))
    return true;
  if (protocol == packet::kTcp)
    return tcpOpensFlow(unsigned(packet[Field::TcpFlags]));
  bool isIcmp = protocol == (packet.family == packet::Family::IPv4 ? packet::kIcmp : packet::kIcmpv6);
  return !isIcmp || icmpOpensFlow(packet);
}

/// Neighbour discovery and its like are never tracked. Source: nf_conntrack_proto_icmpv6.c, noct_valid_new[].
static bool isNeverTracked(const Packet &packet) {
  unsigned type = unsigned(packet[Field::Icmp] >> 8);
  return packet.family == packet::Family::IPv6 && packet[Field::Proto] == packet::kIcmpv6 && ((type >= 130 && type <= 137) || type == 143);
}

static std::string whyNotThisState(const Packet &packet) {
  switch (CtState(unsigned(packet[Field::CtState]))) {
  case CtState::New:
    return opensFlow(packet) && !isNeverTracked(packet) ? "" : "conntrack does not take such a packet for the first of a flow";
  case CtState::Invalid:
    return !opensFlow(packet) && !isNeverTracked(packet) ? "" : "conntrack takes such a packet for INVALID only if its checksum is wrong";
  case CtState::Untracked:
    return isNeverTracked(packet) ? "" : "only a rule in the raw table makes a packet UNTRACKED";
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
  // raw comes before conntrack, for which every packet from the wire is INVALID so far.
  if (table == "raw")
    return !tracked || packet[Field::CtState] == Value(packet::CtState::Invalid) ? "" : "conntrack has not seen the packet yet in raw";
  return tracked ? whyNotThisState(packet) : "";
}

} // namespace iptlint::driver
