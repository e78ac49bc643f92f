// A region: an interval of ranks in every dimension. The shape the search cuts up.
#pragma once

#include "analysis/Program.h"
#include "llvm/ADT/SmallVector.h"
#include <algorithm>
#include <compare>

namespace iptlint::analysis {

struct Extent {
  Rank lo, hi;
  auto operator<=>(const Extent &) const = default;
};

class Region {
public:
  Region() = default;
  /// The whole of a space.
  explicit Region(const Space &space) {
    for (size_t dim = 0; dim != space.size(); ++dim)
      extents.push_back({0, space[DimensionId(dim)].size() - 1});
  }

  size_t size() const { return extents.size(); }
  Extent &operator[](size_t dim) { return extents[dim]; }
  const Extent &operator[](size_t dim) const { return extents[dim]; }

  bool overlaps(Box box) const {
    for (const Bounds &b : box)
      if (b.lo > extents[b.dim].hi || b.hi < extents[b.dim].lo)
        return false;
    return true;
  }
  bool inside(Box box) const {
    for (const Bounds &b : box)
      if (b.lo > extents[b.dim].lo || b.hi < extents[b.dim].hi)
        return false;
    return true;
  }
  bool contains(const Point &point) const {
    for (size_t dim = 0; dim != extents.size(); ++dim)
      if (point[dim] < extents[dim].lo || point[dim] > extents[dim].hi)
        return false;
    return true;
  }
  /// Cuts off what lies outside \p box; they must overlap.
  void intersect(Box box) {
    for (const Bounds &b : box)
      extents[b.dim] = {std::max(extents[b.dim].lo, b.lo), std::min(extents[b.dim].hi, b.hi)};
  }
  /// The part of this region that \p box covers, 0 to 1.
  double share(Box box) const {
    double share = 1;
    for (const Bounds &b : box) {
      const Extent &e = extents[b.dim];
      Rank lo = std::max(e.lo, b.lo), hi = std::min(e.hi, b.hi);
      if (lo > hi)
        return 0;
      share *= double(hi - lo + 1) / double(e.hi - e.lo + 1);
    }
    return share;
  }
  /// How many points it has, or \p limit if there are more.
  uint64_t points(uint64_t limit) const {
    uint64_t count = 1;
    for (const Extent &e : extents) {
      count *= uint64_t(e.hi - e.lo) + 1;
      if (count >= limit)
        return limit;
    }
    return count;
  }
  Point lowCorner() const {
    Point point;
    for (const Extent &e : extents)
      point.push_back(e.lo);
    return point;
  }
  Point highCorner() const {
    Point point;
    for (const Extent &e : extents)
      point.push_back(e.hi);
    return point;
  }
  /// The point of the region that is next to \p point.
  Point clamp(const Point &point) const {
    Point clamped(point);
    for (size_t dim = 0; dim != extents.size(); ++dim)
      clamped[dim] = std::min(std::max(point[dim], extents[dim].lo), extents[dim].hi);
    return clamped;
  }
  /// The constraints it puts on the whole of \p space, as a box.
  llvm::SmallVector<Bounds, 16> toBox(const Space &space) const {
    llvm::SmallVector<Bounds, 16> box;
    for (size_t dim = 0; dim != extents.size(); ++dim)
      if (extents[dim].lo != 0 || extents[dim].hi + 1 != space[DimensionId(dim)].size())
        box.push_back({DimensionId(dim), extents[dim].lo, extents[dim].hi});
    return box;
  }
  bool operator==(const Region &) const = default;
  /// Some total order, to sort by.
  bool operator<(const Region &other) const {
    return std::lexicographical_compare(extents.begin(), extents.end(), other.extents.begin(), other.extents.end());
  }

private:
  llvm::SmallVector<Extent, 20> extents;
};

/// Numbers for choosing points: the same for the same seed on every machine.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15 + 1) {}
  /// 0 to \p below - 1. (xorshift64*, Vigna 2014; the bias of the remainder does not matter here.)
  uint32_t number(uint32_t below) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return uint32_t((state * 0x2545f4914f6cdd1d) >> 32) % below;
  }
  Point pointIn(const Region &region) {
    Point point;
    for (size_t dim = 0; dim != region.size(); ++dim)
      point.push_back(region[dim].lo + number(region[dim].hi - region[dim].lo + 1));
    return point;
  }

private:
  uint64_t state;
};

} // namespace iptlint::analysis
