// Whether boxes cover a region: split the region along a box, look outside the box first, then go on inside.
//
// The list need not be complete: where it leaves a gap the caller is asked, who may name a point (the search is
// over) or another covering box. The problem is coNP-complete; a budget of steps bounds the time.
#pragma once

#include "analysis/Region.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace iptlint::analysis {

enum class Coverage : uint8_t {
  Covered, ///< no gap
  Gap,     ///< the caller found what it looked for in a gap
  GaveUp,  ///< over budget
};

/// What the caller makes of a gap: a box that overlaps it and counts as covered too, or none: stop with Gap.
using FillGap = llvm::function_ref<std::optional<llvm::SmallVector<Bounds, 16>>(const Region &gap)>;

/// \param steps  what is left of the budget; counted down.
Coverage cover(Region region, std::vector<Box> boxes, FillGap fill, int64_t &steps);

} // namespace iptlint::analysis
