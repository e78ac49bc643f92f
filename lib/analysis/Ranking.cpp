#include "analysis/Ranking.h"

namespace iptlint::analysis {

/// False if no packet that can occur is in the box.
static bool toRanks(const Space &space, llvm::ArrayRef<ValueBounds> values, llvm::SmallVectorImpl<Bounds> &box) {
  box.clear();
  for (const ValueBounds &bound : values) {
    auto [lo, hi] = space.ranks(bound.dim, bound.lo, bound.hi);
    if (lo > hi)
      return false;
    if (lo != 0 || hi + 1 != space[bound.dim].size())
      box.push_back({bound.dim, lo, hi});
  }
  return true;
}

std::pair<uint32_t, uint32_t> addRanked(const ValueBoxes &boxes, ValueBoxes::Range range, Program &program) {
  std::vector<uint32_t> added;
  llvm::SmallVector<Bounds, 16> box;
  for (uint32_t id = range.first; id != range.end; ++id)
    if (toRanks(program.space, boxes[id], box))
      added.push_back(program.addBox(box));
  return added.empty() ? std::pair(0u, 0u) : std::pair(added.front(), added.back() + 1);
}

} // namespace iptlint::analysis
