// Boxes of packets by values, before classes are numbered, and what sets of them have in common or leave out.
#pragma once

#include "analysis/Space.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace iptlint::analysis {

/// A constraint on one dimension by values; both ends inclusive.
struct ValueBounds {
  DimensionId dim;
  Value lo, hi;
};
/// Ascending by dimension.
using ValueBox = llvm::SmallVector<ValueBounds, 6>;

/// Many boxes in one piece of memory.
class ValueBoxes {
public:
  struct Range {
    uint32_t first, end;
  };
  Range keep(llvm::ArrayRef<ValueBox> boxes);
  llvm::ArrayRef<ValueBounds> operator[](uint32_t id) const {
    return llvm::makeArrayRef(bounds).slice(starts[id], starts[id + 1] - starts[id]);
  }
  const std::vector<ValueBounds> &allBounds() const { return bounds; }

private:
  std::vector<ValueBounds> bounds;
  std::vector<uint32_t> starts{0};
};

/// The part of \p box in \p other; false if there is none.
bool intersect(ValueBox &box, const ValueBox &other);
/// The part of \p box outside \p other, as disjoint boxes.
std::vector<ValueBox> outside(ValueBox box, const ValueBox &other, const Space &space);
/// The packets in none of \p boxes, as disjoint boxes; nothing if these would be more than \p most, or take about as
/// long to find. Boxes that differ in one dimension after the other, as those of a set of addresses with ports do,
/// leave few: about two for each of them and dimension.
std::optional<std::vector<ValueBox>> complement(llvm::ArrayRef<ValueBox> boxes, const Space &space, size_t most);

} // namespace iptlint::analysis
