#include "query/Boxes.h"

namespace iptlint::query {

Boxes both(llvm::ArrayRef<Box> left, llvm::ArrayRef<Box> right) {
  Boxes shared;
  for (const Box &one : left)
    for (Box each : right)
      if (each.restrict(one))
        shared.push_back(std::move(each));
  return shared;
}

/// Side by side: what lies outside of one side of the hole is kept, and of what lies within, the next side is asked.
static void cutOut(Box box, const Box &hole, packet::Family family, Boxes &into) {
  for (const Box::Side &side : hole.all()) {
    Box piece = box;
    if (piece.restrict(side.field, outside(side.values, packet::maxValue(side.field, family))))
      into.push_back(std::move(piece));
    box.restrict(side.field, side.values);
  }
}

Boxes without(Boxes from, const Box &hole, packet::Family family) {
  Boxes left;
  for (Box &box : from) {
    if (meet(box, hole))
      cutOut(std::move(box), hole, family, left);
    else
      left.push_back(std::move(box));
  }
  return left;
}

} // namespace iptlint::query
