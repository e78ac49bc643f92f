// The proof for one pair of built-in chains: cells are made until both sides are the same there or small enough to be
// asked about, and all that was proved must add up to the whole.
//
// Left out: how one cell is proved (CellProof.h).
#pragma once

#include "smt/CellProof.h"

namespace iptlint::smt {

/// Equal, Different with a packet, or Unknown with the reason. Equal with Comparison::unchanged set where both sides
/// are the same, whatever they mean. Lets no exception out.
Comparison prove(const Pair &pair, const Effort &effort);

} // namespace iptlint::smt
