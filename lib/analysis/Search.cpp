#include "analysis/Search.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <utility>

namespace iptlint::analysis {

// How often each cheap question is asked; docs/algorithm.md says what was measured.
constexpr unsigned kPathPoints = 6;
constexpr unsigned kPoolPoints = 24;
constexpr unsigned kMaxSitesLifted = 16;
constexpr unsigned kMaxLiftCalls = 64;
constexpr unsigned kSitesToSplit = 8;
constexpr size_t kMaxUnreached = 1024; ///< regions kept for each block

Search::Search(const Program &program, const Indices &indices, uint64_t budget)
    : evaluator(program, indices), program(program), indices(indices), deadRegion(program, indices, evaluator),
      budget(budget), pool(program.blocks.size()) {}

Status Search::decide(Pc pc) {
  const Instruction &instruction = program.code[pc];
  bool gaveUp = false;
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
    Region region(program.space);
    region.intersect(program.box(box));
    Status status = decide(pc, region);
    if (status == Status::Live)
      return status;
    gaveUp |= status == Status::Unknown;
  }
  return gaveUp ? Status::Unknown : Status::Dead;
}

Status Search::decide(Pc pc, const Region &wanted, uint64_t mostSteps) {
  random = Random(pc + 1); // so that no answer depends on what was asked before
  steps = int64_t(std::min(budget, mostSteps));
  countedWork = evaluator.work + deadRegion.work;
  Region region = wanted;
  std::vector<Level> levels;
  if (!climb(pc, region, levels))
    return Status::Dead;
  if (tryPool(pc, region, 1) || tryPaths(pc, region, kPathPoints))
    return Status::Live;
  if (heldWhole(levels, region))
    return Status::Dead;
  if (tryPool(pc, region, kPoolPoints) || tryPaths(pc, region, kPathPoints))
    return Status::Live;
  bool split = false;
  Status status = decideBySites(pc, region, levels, split);
  return split ? status : decideExactly(pc, region, levels);
}

void Search::restrict(const Restriction *restriction) {
  evaluator.restrict(restriction);
  unreachedRestricted.clear();
}

Point Search::plainer(Pc pc) {
  const Point &preferred = program.space.preferred();
  Point point = found;
  for (size_t dim = 0; dim != point.size(); ++dim) {
    if (point[dim] == preferred[dim])
      continue;
    Rank kept = std::exchange(point[dim], preferred[dim]);
    evaluator.moveTo(point);
    if (!indices.anyContains(pc, point) || !evaluator.reachesInstruction(pc))
      point[dim] = kept;
  }
  return point;
}

void Search::remember(Pc pc, const Point &point) {
  auto add = [&](BlockId block) {
    auto &points = pool[block];
    if (points.size() < kPoolSize)
      points.push_back(point);
    else
      points[random.number(kPoolSize)] = point;
  };
  add(program.code[pc].block);
  if (program.code[pc].target != kNone)
    add(program.code[pc].target);
}

bool Search::climb(Pc pc, Region &region, std::vector<Level> &levels) const {
  BlockId block = program.code[pc].block;
  levels.push_back({block, pc});
  while (true) {
    unsigned ways = 0;
    Box only;
    Pc site = kNone;
    const Block &here = program.blocks[block];
    for (uint32_t box = here.firstEntry; box != here.endEntry; ++box)
      if (region.overlaps(program.box(box))) {
        ++ways;
        only = program.box(box);
      }
    indices[block].sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &entry) {
      only = program.box(entry.box);
      site = entry.pc;
      return ++ways < 2;
    });
    if (ways != 1)
      return ways != 0;
    region.intersect(only);
    if (site == kNone)
      return true;
    block = program.code[site].block;
    levels.push_back({block, site});
  }
}

bool Search::tryPoint(Pc pc, const Point &point) {
  evaluator.moveTo(point);
  if (!evaluator.reachesInstruction(pc))
    return false;
  found = point;
  return true;
}

Region Search::alongRandomPath(BlockId block, Region region) {
  while (true) {
    const Block &here = program.blocks[block];
    llvm::SmallVector<std::pair<Box, Pc>, 8> ways;
    for (uint32_t box = here.firstEntry; box != here.endEntry; ++box)
      if (region.overlaps(program.box(box)))
        ways.push_back({program.box(box), kNone});
    const BoxIndex &sites = indices[block].sites;
    constexpr unsigned kManySites = 64;
    if (sites.size() <= kManySites) {
      sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &entry) {
        ways.push_back({program.box(entry.box), entry.pc});
        return true;
      });
    } else {
      // Of very many sites a few at random, or else the first that fit.
      for (unsigned tries = 0; tries != 8; ++tries) {
        const BoxIndex::Entry &entry = sites.all()[random.number(uint32_t(sites.size()))];
        if (region.overlaps(program.box(entry.box)))
          ways.push_back({program.box(entry.box), entry.pc});
      }
      if (ways.empty())
        sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &entry) {
          ways.push_back({program.box(entry.box), entry.pc});
          return ways.size() < kManySites;
        });
    }
    if (ways.empty())
      return region;
    auto [box, site] = ways[random.number(uint32_t(ways.size()))];
    region.intersect(box);
    if (site == kNone)
      return region;
    block = program.code[site].block;
  }
}

bool Search::tryPaths(Pc pc, const Region &region, unsigned points) {
  BlockId block = program.code[pc].block;
  for (unsigned i = 0; i != points; ++i) {
    Region path = alongRandomPath(block, region);
    Point point = i == 0   ? path.clamp(program.space.preferred())
                  : i == 1 ? path.lowCorner()
                  : i == 2 ? path.highCorner()
                           : random.pointIn(path);
    if (tryPoint(pc, point))
      return true;
  }
  return false;
}

bool Search::tryPool(Pc pc, const Region &region, unsigned points) {
  const auto &known = pool[program.code[pc].block];
  for (size_t i = 0; i != std::min<size_t>(points, known.size()); ++i)
    if (tryPoint(pc, region.clamp(known[known.size() - 1 - i])))
      return true;
  return false;
}

bool Search::heldWhole(llvm::ArrayRef<Level> levels, const Region &region) {
  for (const Level &level : levels)
    if (evaluator.firstAround(level.block, region, level.limit) != kNone)
      return true;
  unsigned calls = 0;
  return heldAtSites(levels.back().block, region, calls);
}

/// Whether before each site that leads here one rule holds all of the region that comes that way.
bool Search::heldAtSites(BlockId block, const Region &region, unsigned &calls) {
  const Block &here = program.blocks[block];
  for (uint32_t box = here.firstEntry; box != here.endEntry; ++box)
    if (region.overlaps(program.box(box)))
      return false;
  llvm::SmallVector<BoxIndex::Entry, kMaxSitesLifted> sites;
  bool few = indices[block].sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &entry) {
    sites.push_back(entry);
    return sites.size() <= kMaxSitesLifted;
  });
  if (!few)
    return false;
  for (const BoxIndex::Entry &site : sites) {
    if (++calls > kMaxLiftCalls)
      return false;
    Region there = region;
    there.intersect(program.box(site.box));
    BlockId caller = program.code[site.pc].block;
    if (evaluator.firstAround(caller, there, site.pc) == kNone && !heldAtSites(caller, there, calls))
      return false;
  }
  return true;
}

void Search::spendWork() {
  uint64_t work = evaluator.work + deadRegion.work;
  steps -= int64_t(work - countedWork);
  countedWork = work;
}

/// A box of points that, like the evaluator's, do not get to \p pc.
llvm::SmallVector<Bounds, 16> Search::learnDead(Pc pc, const Region &region, const Region &gap) {
  BlockId block = program.code[pc].block;
  bool blocked = evaluator.blocker(block) < pc;
  Region dead = deadRegion.of(pc, blocked ? region : Region(program.space), gap);
  spendWork();
  auto box = dead.toBox(program.space);
  if (Boxes &known = unreachedOf(block); !blocked && known.size() < kMaxUnreached)
    known.push_back(box);
  return box;
}

Status Search::decideExactly(Pc pc, const Region &region, llvm::ArrayRef<Level> levels) {
  std::vector<Box> boxes;
  for (const Level &level : levels)
    evaluator.collectOverlapping(level.block, region, level.limit, boxes);
  llvm::copy_if(unreachedOf(levels.front().block), std::back_inserter(boxes), [&](Box box) { return region.overlaps(box); });
  auto fill = [&](const Region &gap) -> std::optional<llvm::SmallVector<Bounds, 16>> {
    if (tryPool(pc, gap, 2) || tryPoint(pc, gap.clamp(program.space.preferred())) || tryPoint(pc, gap.highCorner()))
      return std::nullopt;
    return learnDead(pc, region, gap);
  };
  switch (cover(region, std::move(boxes), fill, steps)) {
  case Coverage::Covered:
    return Status::Dead;
  case Coverage::Gap:
    return Status::Live;
  case Coverage::GaveUp:
    return Status::Unknown;
  }
  llvm_unreachable("three coverages");
}

/// Where many calls lead here and each brings a part of the region, each part is easier on its own.
Status Search::decideBySites(Pc pc, const Region &region, llvm::ArrayRef<Level> levels, bool &split) {
  BlockId top = levels.back().block;
  const Block &here = program.blocks[top];
  std::vector<Region> parts;
  bool oneHoldsAll = false;
  auto addPart = [&](Box box) {
    oneHoldsAll |= region.inside(box);
    Region part = region;
    part.intersect(box);
    parts.push_back(std::move(part));
  };
  unsigned count = 0;
  indices[top].sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &) { return ++count <= kSitesToSplit; });
  if (count <= kSitesToSplit)
    return Status::Unknown;
  for (uint32_t box = here.firstEntry; box != here.endEntry; ++box)
    if (region.overlaps(program.box(box)))
      addPart(program.box(box));
  indices[top].sites.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &entry) {
    addPart(program.box(entry.box));
    return !oneHoldsAll;
  });
  if (oneHoldsAll)
    return Status::Unknown;
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  split = true;
  bool gaveUp = false;
  for (const Region &part : parts) {
    Status status = decideExactly(pc, part, levels);
    if (status == Status::Live)
      return status;
    gaveUp |= status == Status::Unknown;
  }
  return gaveUp ? Status::Unknown : Status::Dead;
}

} // namespace iptlint::analysis
