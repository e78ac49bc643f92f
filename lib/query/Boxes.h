// Unions of boxes, as tests ask for them.
#pragma once

#include "query/Region.h"

namespace iptlint::query {

using Boxes = std::vector<Box>;

/// What both unions hold; disjoint where each of them is.
Boxes both(llvm::ArrayRef<Box> left, llvm::ArrayRef<Box> right);

/// What \p from holds and \p hole does not; disjoint where \p from is.
Boxes without(Boxes from, const Box &hole, packet::Family family);

} // namespace iptlint::query
