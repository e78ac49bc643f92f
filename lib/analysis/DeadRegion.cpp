#include "analysis/DeadRegion.h"
#include <cassert>

namespace iptlint::analysis {

DeadRegion::DeadRegion(const Program &program, const Indices &indices, Evaluator &evaluator)
    : program(program), indices(indices), evaluator(evaluator), swallowedStamp(program.blocks.size()),
      unreachedStamp(program.blocks.size()), blockedStamp(program.blocks.size()) {}

Region DeadRegion::of(Pc pc, const Region &frame, const Region &wanted) {
  assert(frame.contains(evaluator.point()) && "the frame holds the point");
  region = frame;
  focus = &wanted;
  ++stamp;
  BlockId block = program.code[pc].block;
  if (evaluator.blocker(block) < pc)
    blockedBefore(pc);
  else
    unreached(block);
  return region;
}

/// The part of a region that lies in [lo, hi] of one dimension.
static double keptShare(const Region &within, size_t dim, Rank lo, Rank hi) {
  const Extent &e = within[dim];
  Rank from = std::max(e.lo, lo), to = std::min(e.hi, hi);
  return from > to ? 0 : double(to - from + 1) / double(e.hi - e.lo + 1);
}

/// Cuts the region to one box of an instruction that contains the point: the one that keeps most of the focus.
void DeadRegion::within(Pc pc) {
  const Instruction &instruction = program.code[pc];
  uint32_t best = kNone;
  double bestShare = -1;
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box)
    if (containsPoint(box))
      if (double share = focus->share(program.box(box)); share > bestShare) {
        best = box;
        bestShare = share;
      }
  assert(best != kNone && "the instruction matches the point");
  region.intersect(program.box(best));
}

/// The point is blocked in the block of \p pc before it.
void DeadRegion::blockedBefore(Pc pc) {
  BlockId block = program.code[pc].block;
  Pc blocker = evaluator.blocker(block);
  if (Action action = program.code[blocker].action; action == Action::Call) {
    within(blocker);
    return swallowed(program.code[blocker].target);
  }
  if (evaluator.isRestricted())
    return within(blocker);
  // Whichever stop or leave before pc holds the point will do.
  BoxIndex::Entry best{blocker, kNone};
  double bestShare = -1;
  auto consider = [&](const BoxIndex::Entry &entry) {
    ++work;
    if (double share = focus->share(program.box(entry.box)); share > bestShare) {
      best = entry;
      bestShare = share;
    }
    return true;
  };
  Pc first = program.blocks[block].first;
  indices[block].stops.forEachContaining(evaluator.point(), first, pc, consider);
  indices[block].leaves.forEachContaining(evaluator.point(), first, pc, consider);
  assert(best.box != kNone && "a stop or leave blocks");
  region.intersect(program.box(best.box));
}

/// The point enters the block and never comes back.
void DeadRegion::swallowed(BlockId id) {
  if (swallowedStamp[id] == stamp)
    return;
  swallowedStamp[id] = stamp;
  Pc blocker = evaluator.blocker(id);
  assert(blocker != kNone && "what swallows blocks");
  within(blocker);
  if (program.code[blocker].target != kNone)
    swallowed(program.code[blocker].target);
  // No way back to the caller may open before the blocker.
  auto closeExit = [&](const BoxIndex::Entry &entry) {
    ++work;
    const Instruction &exit = program.code[entry.pc];
    if (containsPoint(entry.box))
      swallowed(exit.target); // a goto, and its target swallows too
    else if (exit.target == kNone || swallowedStamp[exit.target] != stamp)
      apart(program.box(entry.box));
    return true;
  };
  Pc first = program.blocks[id].first;
  indices[id].mayLeave.forEachOverlapping(region, first, blocker, closeExit);
  indices[id].leaves.forEachOverlapping(region, first, blocker, closeExit);
}

/// The point never enters the block.
void DeadRegion::unreached(BlockId id) {
  if (unreachedStamp[id] == stamp)
    return;
  unreachedStamp[id] = stamp;
  const Block &block = program.blocks[id];
  for (uint32_t box = block.firstEntry; box != block.endEntry; ++box)
    apart(program.box(box));
  const BoxIndex &sites = indices[id].sites;
  sites.forEachContaining(evaluator.point(), 0, kNone, [&](const BoxIndex::Entry &site) {
    ++work;
    throughSite(site.pc);
    return true;
  });
  sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &site) {
    ++work;
    BlockId caller = program.code[site.pc].block;
    bool closed = unreachedStamp[caller] == stamp ||
                  (blockedStamp[caller] == stamp && evaluator.blocker(caller) < site.pc);
    if (!closed)
      apart(program.box(site.box));
    return true;
  });
}

/// The point lies in the box of a site, yet does not come through it.
void DeadRegion::throughSite(Pc site) {
  BlockId caller = program.code[site].block;
  if (evaluator.blocker(caller) >= site)
    return unreached(caller);
  if (blockedStamp[caller] == stamp || unreachedStamp[caller] == stamp)
    return;
  blockedStamp[caller] = stamp;
  // Blocked by what blocks the point first, so that every later site of this caller is closed as well.
  Pc blocker = evaluator.blocker(caller);
  within(blocker);
  if (program.code[blocker].action == Action::Call)
    swallowed(program.code[blocker].target);
}

/// Cuts the region so that it no longer overlaps \p box, which does not hold the point.
void DeadRegion::apart(Box box) {
  if (!region.overlaps(box))
    return;
  const Bounds *best = nullptr;
  std::pair<double, double> bestKept(-1, -1);
  for (const Bounds &b : box) {
    Rank at = evaluator.point()[b.dim];
    if (at >= b.lo && at <= b.hi)
      continue;
    Rank lo = at < b.lo ? 0 : b.hi + 1, hi = at < b.lo ? b.lo - 1 : ~Rank(0);
    std::pair kept(keptShare(*focus, b.dim, lo, hi), keptShare(region, b.dim, lo, hi));
    if (kept > bestKept) {
      best = &b;
      bestKept = kept;
    }
  }
  assert(best && "the point is outside the box");
  Extent &extent = region[best->dim];
  if (evaluator.point()[best->dim] < best->lo)
    extent.hi = best->lo - 1;
  else
    extent.lo = best->hi + 1;
}

} // namespace iptlint::analysis
