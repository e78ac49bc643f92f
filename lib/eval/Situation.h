// A packet on its way and what has been found out about it, as the parts of a journey share it.
#pragma once

#include "eval/Journey.h"

namespace iptlint::eval {

/// Types that an address can still have; of one that is known there is one.
using AddressTypes = std::vector<packet::AddrType>;

struct Situation {
  const Machine &machine;
  Chooser &chooser;
  packet::Packet packet;
  OpenFields open;
  std::string in;    ///< the interface it came by; empty: it is the machine's own
  std::string bound; ///< of its own: the interface that its socket is bound to; empty: none
  Trip trip = {};
  Decision way = {}; ///< the last decision of routing
  /// Truth values of opaque functions, by their text and how often the packet was rewritten before.
  std::map<std::pair<std::string, unsigned>, bool> functions = {};
  unsigned rewritings = 0;
  std::map<packet::Value, AddressTypes> types = {};

  packet::Value &operator[](packet::Field field) { return packet[field]; }

  /// What types an address can have, as routing says.
  AddressTypes &typesOf(packet::Value address);
  /// Where routing says that an address may be the machine's own, or is not: what of that has been found out.
  void learnType(packet::Value address, bool isOwn);
  std::optional<bool> isOwn(packet::Value address) const;
  /// The only type that is left of an address; UNICAST where there are several.
  packet::AddrType typeSoFar(packet::Value address);
};

} // namespace iptlint::eval
