// A rule's condition as a union of boxes, before classes are numbered.
#pragma once

#include "analysis/Space.h"
#include "analysis/State.h"
#include "llvm/ADT/SmallVector.h"

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

/// How the bits of each field are grouped into dimensions: so that every mask tested or written in the table is a
/// union of groups. Groups of a field are ordered from its most to its least significant bits.
class Grouping {
public:
  Grouping(const ir::Table &table, packet::Family family);
  llvm::ArrayRef<Value> groups(Field field) const { return byField[unsigned(field)]; }

private:
  std::array<llvm::SmallVector<Value, 1>, packet::kFieldCount> byField;
};

struct Condition {
  std::vector<ValueBox> boxes; ///< none: no packet meets it
  bool maybe = false;          ///< has a condition with state besides
  bool approximate = false;    ///< the boxes hold more than meets the condition
};

/// The condition that all of \p tests make together, asked of a packet in \p state.
Condition conditionOf(llvm::ArrayRef<ir::Test> tests, const State &state, const Grouping &grouping, Space &space,
                      packet::Family family);

} // namespace iptlint::analysis
