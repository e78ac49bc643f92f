#include "analysis/Cover.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>
#include <deque>

namespace iptlint::analysis {

namespace {

class Covering {
public:
  Covering(FillGap fill, int64_t &steps) : fill(fill), steps(steps) {}

  /// \p known  how many of the learned boxes \p boxes takes account of.
  Coverage run(Region region, std::vector<Box> boxes, size_t known) {
    while (true) {
      steps -= 1 + int64_t(boxes.size() / 16);
      if (steps < 0)
        return Coverage::GaveUp;
      if (boxes.empty()) {
        auto filling = fill(region);
        if (!filling)
          return Coverage::Gap;
        learned.push_back(std::move(*filling));
        known = learned.size();
        boxes.push_back(learned.back());
        assert(region.overlaps(boxes.back()) && "a filling overlaps its gap");
      }
      Box largest = largestOf(region, boxes);
      if (region.inside(largest))
        return Coverage::Covered;
      Region outside = cutOff(region, largest, boxes);
      Coverage result = run(outside, overlapping(outside, boxes), known);
      if (result != Coverage::Covered)
        return result;
      boxes = overlapping(region, boxes);
      for (; known != learned.size(); ++known)
        if (region.overlaps(learned[known]))
          boxes.push_back(learned[known]);
    }
  }

private:
  /// The box with the largest part of the region; one that holds it whole has all of it.
  static Box largestOf(const Region &region, llvm::ArrayRef<Box> boxes) {
    double bestShare = -1;
    Box best;
    for (Box box : boxes)
      if (double share = region.share(box); share > bestShare || region.inside(box)) {
        if (region.inside(box))
          return box;
        bestShare = share;
        best = box;
      }
    return best;
  }

  /// Narrows \p region towards \p box along the dimension in which most boxes fail to span it; returns what was cut off.
  Region cutOff(Region &region, Box box, llvm::ArrayRef<Box> boxes) {
    const Bounds *best = nullptr;
    size_t bestCount = 0;
    for (const Bounds &b : box) {
      const Extent &extent = region[b.dim];
      if (b.lo <= extent.lo && b.hi >= extent.hi)
        continue;
      size_t count = 1 + boxesWithin(extent, b.dim, boxes);
      if (count > bestCount) {
        best = &b;
        bestCount = count;
      }
    }
    assert(best && "a box that does not hold the region leaves some of it in a dimension");
    Region outside = region;
    Extent &extent = region[best->dim];
    if (best->lo > extent.lo) {
      outside[best->dim].hi = best->lo - 1;
      extent.lo = best->lo;
    } else {
      outside[best->dim].lo = best->hi + 1;
      extent.hi = best->hi;
    }
    return outside;
  }

  /// A sample of the boxes that do not span the extent.
  static size_t boxesWithin(const Extent &extent, DimensionId dim, llvm::ArrayRef<Box> boxes) {
    constexpr size_t kSample = 64;
    size_t count = 0, step = std::max<size_t>(1, boxes.size() / kSample);
    for (size_t i = 0; i < boxes.size(); i += step)
      for (const Bounds &b : boxes[i])
        if (b.dim == dim && (b.lo > extent.lo || b.hi < extent.hi))
          ++count;
    return count;
  }

  static std::vector<Box> overlapping(const Region &region, llvm::ArrayRef<Box> boxes) {
    std::vector<Box> result;
    llvm::copy_if(boxes, std::back_inserter(result), [&](Box box) { return region.overlaps(box); });
    return result;
  }

  FillGap fill;
  int64_t &steps;
  std::deque<llvm::SmallVector<Bounds, 16>> learned; ///< a deque does not move what boxes point to
};

} // namespace

Coverage cover(Region region, std::vector<Box> boxes, FillGap fill, int64_t &steps) {
  return Covering(fill, steps).run(std::move(region), std::move(boxes), 0);
}

} // namespace iptlint::analysis
