// What becomes of packets that a rule of nat translates, asked of one hook after the other.
#pragma once

#include "lint/Kinds.h"

namespace iptlint::lint {

/// nat with these rules refusing their packets: who is refused by one of them is translated by it.
ir::Table withRefusals(const ir::Table &nat, llvm::ArrayRef<ir::RuleId> rules);

/// A packet that is plain at \p hook, and like \p packet in what rules ask for most.
analysis::Kind like(const packet::Packet &packet, packet::Hook hook, packet::Value ctstate);

/// One whose destination has been translated already, which conntrack has noted.
analysis::Kind translatedLike(const packet::Packet &packet, packet::Hook hook);

/// Asks for this value of a field, in place of what the kind asked for.
void replace(analysis::Kind &kind, packet::Field field, packet::Value value);

} // namespace iptlint::lint
