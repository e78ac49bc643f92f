// Which bits of marks the rules of a text read.
//
// A mark set at one hook may be read at any other, even at one that a packet passes first: a tunnel's inner packet, and
// one that comes back by lo, keep the mark and start anew. So it is asked of all tables together, not of what follows a
// rule.
#pragma once

#include "analysis/State.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::analysis {

/// Parts::markBits and Parts::flowMarkBits that some rule may read: tests, what CONNMARK copies, LOG and its like,
/// which show the mark to a person or a program, and all of both where a rule is not modelled that well.
Parts marksRead(llvm::ArrayRef<const ir::Table *> tables);

} // namespace iptlint::analysis
