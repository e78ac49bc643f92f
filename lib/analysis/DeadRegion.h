// From one dead point to a box of dead points.
//
// That a point does not get to an instruction follows from a few memberships only: it lies in the
// box of a rule that blocks it, outside some rules that would have let it leave before, outside some
// calls that lead here. All points that share these memberships are dead too, and they form a box:
// start from a frame and only ever cut.
#pragma once

#include "analysis/Evaluator.h"

namespace iptlint::analysis {

class DeadRegion {
public:
  DeadRegion(const Program &program, const Indices &indices, Evaluator &evaluator);

  /// \param pc  an instruction that the evaluator's point does not get to.
  /// \param frame  the region to cut from; holds the point.
  /// \param focus  part of the frame: where there is a choice, most of this is kept.
  /// \returns a region within \p frame with the point in it, all points of which fail to get to \p pc.
  Region of(Pc pc, const Region &frame, const Region &focus);

  /// Counts the boxes looked at, as a measure of time.
  uint64_t work = 0;

private:
  void blockedBefore(Pc pc);
  void swallowed(BlockId block);
  void unreached(BlockId block);
  void throughSite(Pc site);
  void apart(Box box);
  void within(Pc pc);
  bool containsPoint(uint32_t box) const { return contains(program.box(box), evaluator.point()); }

  const Program &program;
  const Indices &indices;
  Evaluator &evaluator;
  Region region;
  const Region *focus = nullptr;
  uint32_t stamp = 0;
  std::vector<uint32_t> swallowedStamp, unreachedStamp, blockedStamp;
};

} // namespace iptlint::analysis
