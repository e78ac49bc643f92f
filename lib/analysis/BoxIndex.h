// Finds, among many boxes, those that contain a point, overlap a region or hold it whole.
//
// A tree of cuts: each node cuts one dimension at one rank; boxes wholly below or above go to either
// side, boxes that span the cut to a third subtree. A point then visits two of the three. Where no dimension
// separates the boxes (all wide), a node stays a list. Each node knows the first and last
// instruction below it, since most questions are for the first one in rule order, or before a rule.
//
// Building is O(n log n) for boxes that can be told apart; in the worst case a query looks at every box.
#pragma once

#include "analysis/Region.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace iptlint::analysis {

class BoxIndex {
public:
  struct Entry {
    Pc pc;
    uint32_t box;
  };

  BoxIndex() = default;
  BoxIndex(const Program &program, std::vector<Entry> entries);

  bool empty() const { return entries.empty(); }
  size_t size() const { return entries.size(); }
  const std::vector<Entry> &all() const { return entries; }

  /// The first entry in [from, limit) whose box contains the point; pc kNone if there is none.
  Entry firstContaining(const Point &point, Pc from, Pc limit) const;
  /// Whether some entry in [from, limit) has a box that contains the point.
  bool anyContains(const Point &point, Pc from, Pc limit) const {
    return !forEachContaining(point, from, limit, [](const Entry &) { return false; });
  }
  /// The first entry before \p limit whose box holds the whole region.
  Entry firstAround(const Region &region, Pc from, Pc limit) const;
  /// The first entry in [from, limit) whose box overlaps the region.
  Entry firstOverlapping(const Region &region, Pc from, Pc limit) const;
  /// Entries in [from, limit) whose box contains the point / overlaps the region, in no particular order but
  /// always the same; until \p visit returns false. False if it did.
  bool forEachContaining(const Point &point, Pc from, Pc limit, llvm::function_ref<bool(const Entry &)> visit) const;
  bool forEachOverlapping(const Region &region, Pc from, Pc limit, llvm::function_ref<bool(const Entry &)> visit) const;

private:
  struct Node {
    DimensionId dim = 0;
    Rank cut = 0;                                    ///< below: hi < cut; above: lo >= cut
    uint32_t below = kNone, above = kNone, across = kNone;
    uint32_t first = 0, end = 0;                     ///< a list: entries[first, end), in order of pc
    Pc minPc = 0, maxPc = 0;
    bool isList = true;
  };

  uint32_t build(const Program &program, uint32_t first, uint32_t end);
  template <typename Shape> Entry first(const Shape &shape, Pc from, Pc limit) const;
  template <typename Shape> bool visit(const Shape &shape, uint32_t node, Pc &from, Pc &limit,
                                       llvm::function_ref<bool(const Entry &)> found) const;

  Box boxOf(uint32_t entry) const {
    return llvm::makeArrayRef(bounds).slice(starts[entry], starts[entry + 1] - starts[entry]);
  }

  std::vector<Entry> entries;
  /// The entries' boxes once more, in the order in which a query comes to them: it spends its time waiting for memory.
  std::vector<Bounds> bounds;
  std::vector<uint32_t> starts; ///< by entry, one more at the end
  std::vector<Node> nodes;
};

} // namespace iptlint::analysis
