// DNATs of IPv4 whose answers may not come back, by where they send packets and from where these may come.
//
// Whether a rule translates such a packet, and what rules make of it then, is still to be asked.
#pragma once

#include "analysis/Routable.h"
#include "ir/Nat.h"
#include "lint/Kinds.h"

namespace iptlint::lint {

struct Candidate {
  RuleFacts rule;
  const ir::Nat *nat;
  std::vector<llvm::StringRef> devices; ///< that its translated packets may leave by
  /// The own address on whose link client and server are; null: the client is this machine, by a loopback address.
  const ir::InterfaceAddress *link = nullptr;
  std::vector<analysis::Kind> kinds; ///< packets whose answers do not come back

  packet::Value server() const { return nat->addresses->lo; }
};

/// Of PREROUTING: clients on the server's link.
std::vector<Candidate> forwardedCandidates(const Facts &facts, const analysis::Routable &routable);
/// Of OUTPUT: this machine itself, from 127.0.0.1.
std::vector<Candidate> ownCandidates(const Facts &facts, const analysis::Routable &routable);

} // namespace iptlint::lint
