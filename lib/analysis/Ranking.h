// From boxes of values to boxes of ranks, once all values are cut into classes.
#pragma once

#include "analysis/Condition.h"
#include "analysis/Program.h"

namespace iptlint::analysis {

/// Adds the boxes of \p range to \p program, whose space is closed. A box of values that no packet can have is left out.
/// \returns the numbers of those added, as Instruction::firstBox and endBox have them; 0 and 0 if there is none.
std::pair<uint32_t, uint32_t> addRanked(const ValueBoxes &boxes, ValueBoxes::Range range, Program &program);

} // namespace iptlint::analysis
