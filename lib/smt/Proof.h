// The proof for one pair of built-in chains: both sides encoded, one question, and what to make of the answer.
#pragma once

#include "smt/Equivalent.h"

namespace iptlint::smt {

struct Pair {
  packet::Family family;
  packet::Hook hook;
  const ir::Table &before, &after;
  /// nullptr: the text does not name the chain, which then has no rules and whatever policy it had.
  const ir::Chain *beforeChain, *afterChain;
};

/// Equal, Different with a packet, or Unknown with the reason. Does not look whether the chains are unchanged.
/// Lets no exception out.
Comparison prove(const Pair &pair, std::chrono::milliseconds budget);

} // namespace iptlint::smt
