// Packets of IPv4 that a DNAT sends on to a server whose answers do not come back this way. What is sent to ::1 of IPv6
// has no answer from another machine whatever rules do.
#pragma once

#include "ir/Network.h"
#include "lint/Kinds.h"

namespace iptlint::lint {

/// A packet that the rule surely translates and whose source nothing surely does.
struct Unanswered {
  RuleFacts rule;
  packet::Packet packet;    ///< before it is translated
  packet::Value server = 0; ///< its new destination
  llvm::StringRef device;   ///< that it leaves by
  /// The own address on whose link client and server are; null: the client is this machine, by a loopback address.
  const ir::InterfaceAddress *link = nullptr;
};

/// One for each rule, of those that are found.
std::vector<Unanswered> unansweredOnes(const Facts &facts);

} // namespace iptlint::lint
