// All packets of a kind through a whole machine, as regions: an account of its own beside eval's journey of one packet.
//
// Hooks and tables come in the order of eval/Journey.h. A region is cut where a rule takes a part of it, and where
// routing decides otherwise for a part; of routing, eval is asked, once for each cell of addresses that no route,
// address or routing rule cuts. Where neither the texts nor the region tell how a condition turns out, both ways are
// followed, and the condition is noted. What cannot be followed ends as unknown, with the reason. docs/query.md tells
// more.
#pragma once

#include "eval/Explore.h"
#include "eval/Journey.h"
#include "query/Part.h"
#include <bitset>

namespace iptlint::query {

/// Which packets are asked for.
struct Question {
  packet::Family family = packet::Family::IPv4;
  std::string in;              ///< the interface they come by; empty: they are this machine's own
  std::string bound;           ///< of own ones: the interface that their sockets are bound to
  std::vector<ir::Test> tests; ///< all hold of them as they set out; none of In and Out
  std::vector<eval::Assumption> assumptions; ///< parts with a condition that turns out otherwise are left out
  size_t mostParts = 2'000'000;
};

struct Answer {
  std::vector<Ended> ends;
  std::bitset<packet::kFieldCount> open; ///< fields that packets differ in; all others have the value of `plain`
  packet::Packet plain;
  std::vector<Box> started;                                 ///< what was begun with, before the question's tests
  std::vector<std::shared_ptr<const Exception>> exceptions; ///< what regions point to
};

/// Call graphs must be free of cycles.
Answer ask(const eval::Machine &machine, const Question &question);

/// A packet of the part with ordinary values where they fit.
/// \param effort  as for findPacket().
Found findPacket(const Answer &answer, const Part &part, packet::Packet &into, uint64_t effort);

/// Whether a packet, which has the plain values where fields are not open, is one of the part's.
bool holds(const Part &part, const packet::Packet &packet);

/// That packet as eval sets it on its way, with all that is open given.
eval::Traveller travellerOf(const Answer &answer, const packet::Packet &packet, const ir::Network &network);

} // namespace iptlint::query
