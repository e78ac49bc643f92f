// Where to cut a cell in two.
//
// Only a heuristic: any cut is right, and a bad one costs time.
#pragma once

#include "smt/Slice.h"

namespace iptlint::smt {

struct CellCut {
  Field field;
  Value from; ///< where the second half begins
};

/// A cut of \p cell after which clearly fewer rules are left in each half, on both sides together; nothing if there is
/// none.
std::optional<CellCut> bestCut(const Slice &before, const Slice &after, const Cell &cell);

} // namespace iptlint::smt
