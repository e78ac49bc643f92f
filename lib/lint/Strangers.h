// Which ports a rule set opens to strangers.
//
// A stranger sends from a public address that no rule names, by an interface that no rule trusts; where the
// configuration names the outside interfaces, by one of them. What hangs on a condition that is not modelled, or on
// another table, is not called open.
#pragma once

#include "lint/Kinds.h"
#include <map>

namespace iptlint::lint {

/// What one rule, or the policy of INPUT, opens.
struct Opened {
  std::vector<Port> ports;
  packet::Packet packet; ///< to the first of them
};

/// By the rule that accepts; nothing: the policy.
using OpenedBy = std::map<std::optional<ir::RuleId>, Opened>;

/// Which of \p ports INPUT surely opens to strangers.
OpenedBy openedToStrangers(const Facts &facts, const TableFacts &filter, llvm::ArrayRef<Port> ports);

/// Which of \p ports INPUT surely opens to no stranger.
std::vector<Port> closedToStrangers(const Facts &facts, const TableFacts &filter, llvm::ArrayRef<Port> ports);

/// "port 22/tcp", "ports 22/tcp, 53/udp".
std::string wordsFor(llvm::ArrayRef<Port> ports);

} // namespace iptlint::lint
