// Conntrack and nat on a packet's way: its state, its flow, and what of it nat or the flow translates.
//
// Source: net/netfilter/nf_conntrack_core.c, nf_conntrack_in(); nf_nat_core.c, nf_nat_inet_fn() and nf_nat_packet().
#pragma once

#include "eval/Passage.h"

namespace iptlint::eval {

class Tracker {
public:
  Tracker(Situation &situation, const Traveller &traveller)
      : situation(situation), traveller(traveller), intended(traveller.packet[packet::Field::CtState]) {}

  /// Before raw: conntrack has not seen the packet, but for one that comes back by lo.
  void hideState();
  /// Behind raw: it has, unless a rule said that it is not to.
  void see();
  /// The packet, or a copy of it, comes back with its flow.
  void comeBack() { isBack = true; }
  /// From here on it is the packet itself that goes on, whose copy has come back.
  /// \param copy  as POSTROUTING left it; none: it was dropped there.
  void followCopy(std::optional<packet::Packet> copy);
  /// At the hook where the packet is: nat is asked about the first packet of a flow; others are written to as that was.
  /// \param table  nat's; none: there is none.
  /// \returns whether the packet goes on; otherwise the trip has ended.
  bool passNat(std::optional<uint32_t> table, const NatPlace &place);

  const Connection &connection() const { return flow; }

private:
  bool askNat(uint32_t table, const NatPlace &place);
  bool wasMasqueraded(size_t before) const;
  bool leavesOtherwise(const NatPlace &place);
  bool passAfterCopy(std::optional<uint32_t> table);
  void follow(bool destination);
  void write(packet::Field field, packet::Value value, std::vector<Change> &changes);
  void remark(uint32_t table, std::string text);
  packet::Value &at(packet::Field field) { return situation.packet[field]; }

  Situation &situation;
  const Traveller &traveller;
  packet::Value intended; ///< the state that conntrack will say
  bool isTracked = false; ///< conntrack has seen it
  bool isBack = false;    ///< by lo, or a copy
  std::optional<packet::Packet> copied;
  Connection flow;        ///< of a packet that conntrack has seen
};

} // namespace iptlint::eval
