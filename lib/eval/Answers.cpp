#include "eval/Answers.h"
#include "eval/Decisions.h"
#include "eval/Routing6.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::eval {

using packet::Family;
using packet::Field;
using packet::Packet;

/// ICMP errors, and of IPv4 also what has no meaning.
static bool isIcmpError(const Packet &packet) {
  unsigned protocol = unsigned(packet[Field::Proto]), type = unsigned(packet[Field::Icmp]) >> 8;
  if (packet.family == Family::IPv6)
    return protocol == packet::kIcmpv6 && type < 128;
  constexpr unsigned kLastType = 18;
  return protocol == packet::kIcmp &&
         (type == 3 || type == 4 || type == 5 || type == 11 || type == 12 || type > kLastType);
}

static bool isForMany(const Situation &situation) {
  return situation.way.fate == Fate::Broadcast || situation.way.fate == Fate::Multicast;
}

/// IPv6 tells nothing to what may be the address of several routers: an anycast address, the first one of a prefix.
/// Source: include/net/ip6_route.h, ipv6_anycast_destination().
static bool leadsToAnycast(const Decision &decision, packet::Value to) {
  constexpr unsigned kTooLong = 127;
  bool isFirst = decision.route && decision.route->destination.length < kTooLong && !decision.gateway &&
                 decision.route->destination.address == to;
  return isFirst || llvm::StringRef(decision.routeText).startswith("anycast ");
}

/// Whether a packet of this machine to the sender of this one finds a route, as far as is known.
static bool hasWayBack(const Situation &situation, Flow back) {
  const Packet &packet = situation.packet;
  back.family = packet.family;
  back.dst = packet[Field::Src];
  if (packet.family == Family::IPv6 && isLinkLocal6(back.dst))
    back.out = situation.in;
  bool mayBeAnycast = back.family == Family::IPv4 || back.protocol != packet::kIcmpv6;
  return llvm::any_of(situation.machine.routing->decide(back), [&](const Decision &decision) {
    return decision.fate == Fate::Unknown ||
           (isDelivery(decision.fate) && (mayBeAnycast || !leadsToAnycast(decision, back.dst)));
  });
}

bool tellsByIcmp(const Situation &situation) {
  const Packet &packet = situation.packet;
  bool six = packet.family == Family::IPv6;
  if (isIcmpError(packet) || packet::isLaterFragment(packet[Field::Fragment]) ||
      packet[Field::PktType] != packet::Value(packet::PktType::Host) || isForMany(situation))
    return false;
  if (six && (packet[Field::Src] == 0 || isMulticast6(packet[Field::Src]) || isMulticast6(packet[Field::Dst])))
    return false;
  Flow back;
  back.protocol = uint8_t(six ? packet::kIcmpv6 : packet::kIcmp);
  if (!six) // of the others the TOS is 0
    back.tos = uint8_t(packet[Field::Tos]);
  if (situation.way.fate == Fate::Local)
    back.src = packet[Field::Dst];
  return hasWayBack(situation, back);
}

bool tellsByReset(const Situation &situation) {
  constexpr unsigned kRst = 4;
  const Packet &packet = situation.packet;
  bool six = packet.family == Family::IPv6;
  if ((packet[Field::TcpFlags] & kRst) || packet::isLaterFragment(packet[Field::Fragment]) || isForMany(situation))
    return false;
  if (six && (isMulticast6(packet[Field::Src]) || isMulticast6(packet[Field::Dst])))
    return false;
  Flow back;
  back.src = packet[Field::Dst];
  back.anySource = true;
  back.protocol = uint8_t(packet::kTcp);
  back.sport = uint16_t(packet[Field::Dport]);
  back.dport = uint16_t(packet[Field::Sport]);
  return hasWayBack(situation, back);
}

} // namespace iptlint::eval
