// A packet of which not everything is said, completed by what is usual.
#pragma once

#include "eval/Journey.h"
#include <bitset>

namespace iptlint::eval {

struct Completed {
  Traveller traveller;
  std::vector<packet::Field> assumed; ///< fields that were given usual values which a rule may well ask for
};

/// Gives every field a value, or opens it where there is no usual one: a new flow unless it is said to be another, SYN
/// where it begins one, port 40000, 64 hops left, 60 bytes (IPv6: 80), no mark, sent by root; the source of the
/// machine's own packets is left to routing. Of what the network tells (groups, bridges) it is asked. \param given  the
/// fields of \p packet that are said. For the rest to make sense, its protocol and destination are.
Completed complete(packet::Packet packet, const std::bitset<packet::kFieldCount> &given, const ir::Network &network);

/// The packet that answers one: addresses and ports the other way round, of a flow that is \p flow; where conntrack has
/// none (--notrack, INVALID), as it is by itself.
/// \param trip  what became of that one: it left by an interface or came to a local socket.
Traveller answerTo(const Traveller &traveller, const Trip &trip, const Connection &flow, const ir::Network &network);

} // namespace iptlint::eval
