// Decides whether some packet of a region gets to an instruction.
//
// Cheap questions first: a few points (clamped into the calls that lead here, so that narrow ways are found), one
// rule whose box holds the whole region, points that were live nearby; only then a cover
// search that learns a box of dead points from each dead point it meets (DeadRegion). Over its budget it
// answers Unknown. docs/algorithm.md tells the whole.
#pragma once

#include "analysis/Cover.h"
#include "analysis/DeadRegion.h"
#include "analysis/Reach.h"
#include <deque>
#include <map>

namespace iptlint::analysis {

class Search {
  struct Level {
    BlockId block;
    Pc limit; ///< instructions before it may block
  };

public:
  Search(const Program &program, const Indices &indices, uint64_t budget);

  /// Live: some point of \p region gets to \p pc, and witness() is one. Dead: none does. The sites of the
  /// instruction's block must be indexed.
  /// \param mostSteps  where that is less than the search's budget.
  Status decide(Pc pc, const Region &region, uint64_t mostSteps = ~uint64_t(0));
  const Point &witness() const { return found; }
  /// The witness moved to ordinary values wherever it stays one.
  Point plainer(Pc pc);

  /// Decides for the whole of an instruction's condition.
  Status decide(Pc pc);

  /// Cuts \p region to the packets that can come to \p pc, as far as one single way leads there; false if none can.
  bool narrow(Pc pc, Region &region) const {
    std::vector<Level> levels;
    return climb(pc, region, levels);
  }

  /// The part of \p region that comes to \p block by one of the ways that lead there, taken at random.
  Region alongRandomPath(BlockId block, Region region);

  /// Only what \p restriction allows blocks from now on; null: everything does.
  void restrict(const Restriction *restriction);

  /// To be called where sites were added: what was learned of blocks that no packet enters no longer holds.
  void forgetUnreached() { unreached.clear(); }

  /// Keeps a live point, to be tried in the neighbourhood.
  void remember(Pc pc, const Point &point);

  Evaluator evaluator;

private:
  /// Follows single calls upwards: narrows the region to the packets that come that way; false if there are none.
  bool climb(Pc pc, Region &region, std::vector<Level> &levels) const;
  bool tryPoint(Pc pc, const Point &point);
  bool tryPaths(Pc pc, const Region &region, unsigned points);
  bool tryPool(Pc pc, const Region &region, unsigned points);
  using Boxes = std::deque<llvm::SmallVector<Bounds, 16>>; ///< a deque does not move what boxes point to
  Boxes &unreachedOf(BlockId block) { return evaluator.isRestricted() ? unreachedRestricted[block] : unreached[block]; }
  llvm::SmallVector<Bounds, 16> learnDead(Pc pc, const Region &region, const Region &gap);
  bool heldWhole(llvm::ArrayRef<Level> levels, const Region &region);
  bool heldAtSites(BlockId block, const Region &region, unsigned &calls);
  Status decideExactly(Pc pc, const Region &region, llvm::ArrayRef<Level> levels);
  Status decideBySites(Pc pc, const Region &region, llvm::ArrayRef<Level> levels, bool &split);
  void spendWork();

  static constexpr unsigned kPoolSize = 48;

  const Program &program;
  const Indices &indices;
  DeadRegion deadRegion;
  uint64_t budget;
  int64_t steps = 0;
  uint64_t countedWork = 0;
  Random random{1};
  Point found;
  std::vector<std::vector<Point>> pool; ///< by block
  /// By block, regions no point of which enters it: they serve all of its instructions. Those under a restriction
  /// hold as long as that does.
  std::map<BlockId, Boxes> unreached, unreachedRestricted;
};

} // namespace iptlint::analysis
