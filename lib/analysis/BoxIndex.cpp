#include "analysis/BoxIndex.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

namespace {

constexpr uint32_t kListSize = 8;
constexpr uint32_t kSample = 128; ///< boxes looked at when a cut is chosen

struct Cut {
  DimensionId dim = 0;
  Rank at = 0;
  double cost = 0; ///< boxes a point has to look at behind it, of those in the sample
};

/// What one dimension offers: cut at the median of where its narrow boxes start.
Cut cutIn(DimensionId dim, llvm::SmallVectorImpl<Extent> &extents, size_t sample) {
  std::nth_element(extents.begin(), extents.begin() + extents.size() / 2, extents.end(),
                   [](const Extent &a, const Extent &b) { return a.lo < b.lo; });
  Cut cut{dim, extents[extents.size() / 2].lo, double(sample)};
  double below = llvm::count_if(extents, [&](const Extent &e) { return e.hi < cut.at; });
  double above = llvm::count_if(extents, [&](const Extent &e) { return e.lo >= cut.at; });
  if (below > 0 && above > 0)
    cut.cost = (double(sample) - below - above) + (below * below + above * above) / (below + above);
  return cut;
}

/// The region as something boxes are compared with.
struct PointShape {
  const Point &point;
  bool fits(Box box) const { return contains(box, point); }
  bool goesBelow(DimensionId dim, Rank cut) const { return point[dim] < cut; }
  bool goesAbove(DimensionId dim, Rank cut) const { return point[dim] >= cut; }
};
struct OverlapShape {
  const Region &region;
  bool fits(Box box) const { return region.overlaps(box); }
  bool goesBelow(DimensionId dim, Rank cut) const { return region[dim].lo < cut; }
  bool goesAbove(DimensionId dim, Rank cut) const { return region[dim].hi >= cut; }
};
struct AroundShape {
  const Region &region;
  bool fits(Box box) const { return region.inside(box); }
  bool goesBelow(DimensionId dim, Rank cut) const { return region[dim].hi < cut; }
  bool goesAbove(DimensionId dim, Rank cut) const { return region[dim].lo >= cut; }
};

} // namespace

static Cut chooseCut(const Program &program, llvm::ArrayRef<BoxIndex::Entry> entries) {
  size_t step = std::max<size_t>(1, entries.size() / kSample), sample = 0;
  llvm::SmallVector<std::pair<DimensionId, llvm::SmallVector<Extent, 64>>, 12> byDimension;
  for (size_t i = 0; i < entries.size(); i += step, ++sample)
    for (const Bounds &b : program.box(entries[i].box)) {
      auto known = llvm::find_if(byDimension, [&](const auto &d) { return d.first == b.dim; });
      if (known == byDimension.end())
        known = byDimension.insert(byDimension.end(), {b.dim, {}});
      known->second.push_back({b.lo, b.hi});
    }
  Cut best{0, 0, double(sample)};
  for (auto &[dim, extents] : byDimension)
    if (Cut cut = cutIn(dim, extents, sample); cut.cost < best.cost)
      best = cut;
  best.cost /= double(sample);
  return best;
}

BoxIndex::BoxIndex(const Program &program, std::vector<Entry> list) : entries(std::move(list)) {
  if (entries.empty())
    return;
  build(program, 0, uint32_t(entries.size()));
  starts.reserve(entries.size() + 1);
  starts.push_back(0);
  for (const Entry &entry : entries) {
    Box box = program.box(entry.box);
    bounds.insert(bounds.end(), box.begin(), box.end());
    starts.push_back(uint32_t(bounds.size()));
  }
}

uint32_t BoxIndex::build(const Program &program, uint32_t first, uint32_t end) {
  uint32_t id = uint32_t(nodes.size());
  Node node{.first = first, .end = end};
  auto range = llvm::makeMutableArrayRef(entries.data() + first, end - first);
  auto byPc = [](const Entry &a, const Entry &b) { return a.pc < b.pc; };
  auto [least, most] = std::minmax_element(range.begin(), range.end(), byPc);
  node.minPc = least->pc;
  node.maxPc = most->pc;
  nodes.push_back(node);
  if (range.size() <= kListSize) {
    llvm::sort(range, [](const Entry &a, const Entry &b) { return std::tie(a.pc, a.box) < std::tie(b.pc, b.box); });
    return id;
  }
  Cut cut = chooseCut(program, range);
  auto side = [&](const Entry &entry) {
    for (const Bounds &b : program.box(entry.box))
      if (b.dim == cut.dim)
        return b.hi < cut.at ? 0 : b.lo >= cut.at ? 1 : 2;
    return 2;
  };
  auto isBelow = [&](const Entry &e) { return side(e) == 0; };
  auto isAbove = [&](const Entry &e) { return side(e) == 1; };
  if (cut.cost > 0.9) {
    llvm::sort(range, [](const Entry &a, const Entry &b) { return std::tie(a.pc, a.box) < std::tie(b.pc, b.box); });
    return id;
  }
  auto above = std::stable_partition(range.begin(), range.end(), isBelow);
  auto across = std::stable_partition(above, range.end(), isAbove);
  uint32_t aboveAt = first + uint32_t(above - range.begin()), acrossAt = first + uint32_t(across - range.begin());
  uint32_t parts[3] = {kNone, kNone, kNone};
  if (aboveAt != first)
    parts[0] = build(program, first, aboveAt);
  if (acrossAt != aboveAt)
    parts[1] = build(program, aboveAt, acrossAt);
  if (end != acrossAt)
    parts[2] = build(program, acrossAt, end);
  Node &made = nodes[id];
  made.isList = false;
  made.dim = cut.dim;
  made.cut = cut.at;
  made.below = parts[0];
  made.above = parts[1];
  made.across = parts[2];
  return id;
}

/// Visits fitting entries with from <= pc < limit; \p found may move both bounds closer.
template <typename Shape>
bool BoxIndex::visit(const Shape &shape, uint32_t id, Pc &from, Pc &limit,
                     llvm::function_ref<bool(const Entry &)> found) const {
  if (id == kNone)
    return true;
  const Node &node = nodes[id];
  if (node.minPc >= limit || node.maxPc < from)
    return true;
  if (node.isList) {
    for (uint32_t i = node.first; i != node.end; ++i) {
      const Entry &entry = entries[i];
      if (entry.pc >= limit)
        break;
      if (entry.pc >= from && shape.fits(boxOf(i)) && !found(entry))
        return false;
    }
    return true;
  }
  return visit(shape, node.across, from, limit, found) &&
         (!shape.goesBelow(node.dim, node.cut) || visit(shape, node.below, from, limit, found)) &&
         (!shape.goesAbove(node.dim, node.cut) || visit(shape, node.above, from, limit, found));
}

/// The first in rule order that fits; kNone if there is none.
template <typename Shape> BoxIndex::Entry BoxIndex::first(const Shape &shape, Pc from, Pc limit) const {
  Entry best{kNone, kNone};
  if (!nodes.empty())
    visit(shape, 0, from, limit, [&](const Entry &entry) {
      best = entry;
      limit = entry.pc;
      return true;
    });
  return best;
}

BoxIndex::Entry BoxIndex::firstContaining(const Point &point, Pc from, Pc limit) const {
  return first(PointShape{point}, from, limit);
}

BoxIndex::Entry BoxIndex::firstAround(const Region &region, Pc from, Pc limit) const {
  return first(AroundShape{region}, from, limit);
}

BoxIndex::Entry BoxIndex::firstOverlapping(const Region &region, Pc from, Pc limit) const {
  return first(OverlapShape{region}, from, limit);
}

bool BoxIndex::forEachContaining(const Point &point, Pc from, Pc limit,
                                 llvm::function_ref<bool(const Entry &)> found) const {
  return nodes.empty() || visit(PointShape{point}, 0, from, limit, found);
}

bool BoxIndex::forEachOverlapping(const Region &region, Pc from, Pc limit,
                                  llvm::function_ref<bool(const Entry &)> found) const {
  return nodes.empty() || visit(OverlapShape{region}, 0, from, limit, found);
}

} // namespace iptlint::analysis
