#include "eval/Connection.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::eval {

using packet::CtState;
using packet::Field;
using packet::Packet;
using packet::Value;

Tuple tupleOf(const Packet &packet) {
  bool ports = packet::hasPorts(unsigned(packet[Field::Proto])) && !packet::isLaterFragment(packet[Field::Fragment]);
  return {packet[Field::Src], packet[Field::Dst], ports ? packet[Field::Sport] : 0, ports ? packet[Field::Dport] : 0};
}

/// Only a SYN, or an ACK in midstream, opens a flow; PSH, ECE and CWR play no part.
static bool tcpOpensFlow(unsigned flags) {
  constexpr unsigned kSyn = 2, kPsh = 8, kAck = 16, kUrg = 32, kEce = 64, kCwr = 128;
  unsigned rest = flags & ~(kPsh | kEce | kCwr);
  return rest == kSyn || rest == (kSyn | kUrg) || rest == kAck || rest == (kAck | kUrg);
}

static bool icmpOpensFlow(const Packet &packet) {
  static constexpr unsigned requests4[] = {8, 13, 15, 17}, requests6[] = {128, 139};
  unsigned type = unsigned(packet[Field::Icmp] >> 8);
  return packet.family == packet::Family::IPv4 ? llvm::is_contained(requests4, type)
                                               : llvm::is_contained(requests6, type);
}

/// Neighbour discovery and its like.
static bool isNeverTracked(const Packet &packet) {
  unsigned type = unsigned(packet[Field::Icmp] >> 8);
  return packet.family == packet::Family::IPv6 && packet[Field::Proto] == packet::kIcmpv6 &&
         ((type >= 130 && type <= 137) || type == 143);
}

CtState stateWithoutFlow(const Packet &packet) {
  if (packet::isLaterFragment(packet[Field::Fragment]))
    return CtState::New;
  if (isNeverTracked(packet))
    return CtState::Untracked;
  unsigned protocol = unsigned(packet[Field::Proto]);
  bool isIcmp = protocol == (packet.family == packet::Family::IPv4 ? packet::kIcmp : packet::kIcmpv6);
  bool opens =
      protocol == packet::kTcp ? tcpOpensFlow(unsigned(packet[Field::TcpFlags])) : !isIcmp || icmpOpensFlow(packet);
  return opens ? CtState::New : CtState::Invalid;
}

bool isTracked(const Packet &packet) {
  return packet[Field::CtState] < Value(CtState::Invalid);
}

void describeFlow(Packet &packet, const Connection &flow) {
  packet[Field::CtProto] = packet[Field::Proto];
  packet[Field::CtReply] = flow.reply;
  packet[Field::CtOrigSrc] = flow.first.src;
  packet[Field::CtOrigDst] = flow.first.dst;
  packet[Field::CtOrigSport] = flow.first.sport;
  packet[Field::CtOrigDport] = flow.first.dport;
  packet[Field::CtReplSrc] = flow.translated.dst;
  packet[Field::CtReplDst] = flow.translated.src;
  packet[Field::CtReplSport] = flow.translated.dport;
  packet[Field::CtReplDport] = flow.translated.sport;
  Value state = packet[Field::CtState];
  if (state < Value(CtState::Invalid))
    packet[Field::CtState] =
        (state & ~Value(3)) | (flow.isDnat() ? packet::kCtDnat : 0) | (flow.isSnat() ? packet::kCtSnat : 0);
}

} // namespace iptlint::eval
