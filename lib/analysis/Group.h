// The packets of a rule that come to it in one state, with the part of its condition that is theirs.
#pragma once

#include "analysis/Condition.h"
#include "analysis/Writers.h"

namespace iptlint::analysis {

struct Group {
  uint32_t state; ///< a number that Lowering gives states
  Condition condition;
};

/// Adds to \p part what \p piece holds of a rule's packets: \p whole is the condition but for its boxes, \p inState
/// what is asked of them in the piece's state.
void addPiece(Condition &part, const Condition &whole, const StatePiece &piece, const Condition &inState);

/// All groups as one condition; there is one at least.
Condition joined(std::vector<Group> groups);

/// Whether exactly the packets in the boxes meet the condition, and they are few enough to cut along.
bool isExact(llvm::ArrayRef<Group> groups);

/// The tests of the packets that a rule's target writes to, or of those that it matches and does not write to.
std::vector<ir::Test> testsWhere(const ir::Rule &rule, bool written);

} // namespace iptlint::analysis
