#include "analysis/Evaluator.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

// --- Indices

static void append(std::vector<BoxIndex::Entry> &list, const Program &program, Pc pc) {
  for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
    list.push_back({pc, box});
}

Indices::Indices(const Program &program) : program(program), blocks(program.blocks.size()) {
  std::vector<bool> noneDead(program.code.size());
  for (BlockId block = 0; block != blocks.size(); ++block)
    indexCode(block, noneDead);
  constexpr uint32_t kMany = 64;
  for (Pc pc = 0; pc != program.code.size(); ++pc)
    if (program.code[pc].endBox - program.code[pc].firstBox > kMany) {
      std::vector<BoxIndex::Entry> entries;
      append(entries, program, pc);
      large.emplace(pc, BoxIndex(program, std::move(entries)));
    }
}

bool Indices::anyContains(Pc pc, const Point &point) const {
  auto index = large.find(pc);
  return index == large.end() ? program.matches(pc, point) : index->second.firstContaining(point, 0, kNone).pc == pc;
}

bool Indices::anyAround(Pc pc, const Region &region) const {
  auto index = large.find(pc);
  if (index != large.end())
    return index->second.firstAround(region, 0, kNone).pc == pc;
  const Instruction &instruction = program.code[pc];
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box)
    if (region.inside(program.box(box)))
      return true;
  return false;
}

void Indices::addOverlapping(Pc pc, const Region &region, std::vector<Box> &boxes) const {
  auto index = large.find(pc);
  if (index != large.end()) {
    index->second.forEachOverlapping(region, 0, kNone, [&](const BoxIndex::Entry &entry) {
      boxes.push_back(program.box(entry.box));
      return true;
    });
    return;
  }
  const Instruction &instruction = program.code[pc];
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box)
    if (region.overlaps(program.box(box)))
      boxes.push_back(program.box(box));
}

void Indices::indexSites(BlockId block, const std::vector<bool> &dead) {
  std::vector<BoxIndex::Entry> entries;
  for (Pc pc : program.sites[block])
    if (!dead[pc])
      append(entries, program, pc);
  blocks[block].sites = BoxIndex(program, std::move(entries));
}

void Indices::indexCode(BlockId id, const std::vector<bool> &dead) {
  std::vector<BoxIndex::Entry> stops, leaves, mayLeave, calls, mayDo;
  for (Pc pc = program.blocks[id].first; pc != program.blocks[id].end; ++pc) {
    const Instruction &instruction = program.code[pc];
    if (dead[pc] || instruction.probe)
      continue;
    if (instruction.maybe)
      append(mayDo, program, pc);
    bool isLeave = instruction.action == Action::Return || instruction.action == Action::Goto;
    if (isLeave)
      append(instruction.maybe ? mayLeave : leaves, program, pc);
    else if (instruction.action == Action::Stop && !instruction.maybe)
      append(stops, program, pc);
    else if (instruction.action == Action::Call && !instruction.maybe)
      append(calls, program, pc);
  }
  OfBlock &block = blocks[id];
  block.stops = BoxIndex(program, std::move(stops));
  block.leaves = BoxIndex(program, std::move(leaves));
  block.mayLeave = BoxIndex(program, std::move(mayLeave));
  block.calls = BoxIndex(program, std::move(calls));
  block.mayDo = BoxIndex(program, std::move(mayDo));
}

// --- Evaluator

Evaluator::Evaluator(const Program &program, const Indices &indices)
    : program(program), indices(indices), facts(program.blocks.size()) {}

void Evaluator::moveTo(const Point &point) {
  if (point == current)
    return;
  current = point;
  ++stamp;
}

void Evaluator::restrict(const Restriction *newRestriction) {
  restriction = newRestriction;
  ++stamp;
}

/// The first of \p list that lies in the block before the limit and fulfils the predicate.
template <typename Predicate> static Pc firstListed(const std::vector<Pc> &list, Pc from, Pc limit, Predicate matches) {
  for (auto pc = llvm::lower_bound(list, from); pc != list.end() && *pc < limit; ++pc)
    if (matches(*pc))
      return *pc;
  return kNone;
}

Pc Evaluator::firstStopOrLeave(BlockId id, Pc limit) const {
  const Block &block = program.blocks[id];
  const Indices::OfBlock &index = indices[id];
  limit = std::min(limit, block.end);
  if (!restriction)
    return std::min(index.stops.firstContaining(current, block.first, limit).pc,
                    index.leaves.firstContaining(current, block.first, limit).pc);
  auto matching = [&](Pc pc) { return indices.anyContains(pc, current); };
  Pc stop = firstListed(restriction->stops, block.first, limit, matching);
  bool isAncestor = (*restriction->ancestors)[id];
  Pc leave = isAncestor ? firstListed(restriction->leaves, block.first, limit, matching)
                        : index.leaves.firstContaining(current, block.first, limit).pc;
  return std::min(stop, leave);
}

Pc Evaluator::firstAround(BlockId id, const Region &region, Pc limit) const {
  const Block &block = program.blocks[id];
  const Indices::OfBlock &index = indices[id];
  limit = std::min(limit, block.end);
  auto isAround = [&](Pc pc) { return indices.anyAround(pc, region); };
  if (restriction)
    return std::min(firstListed(restriction->stops, block.first, limit, isAround),
                    (*restriction->ancestors)[id] ? firstListed(restriction->leaves, block.first, limit, isAround)
                                                  : index.leaves.firstAround(region, block.first, limit).pc);
  Pc stop = index.stops.firstAround(region, block.first, limit).pc;
  return std::min(stop, index.leaves.firstAround(region, block.first, std::min(stop, limit)).pc);
}

void Evaluator::collectOverlapping(BlockId id, const Region &region, Pc limit, std::vector<Box> &boxes) const {
  const Block &block = program.blocks[id];
  const Indices::OfBlock &index = indices[id];
  limit = std::min(limit, block.end);
  auto add = [&](const BoxIndex::Entry &entry) {
    boxes.push_back(program.box(entry.box));
    return true;
  };
  auto addInstruction = [&](Pc pc) {
    indices.addOverlapping(pc, region, boxes);
    return false;
  };
  if (restriction)
    firstListed(restriction->stops, block.first, limit, addInstruction);
  else
    index.stops.forEachOverlapping(region, block.first, limit, add);
  if (restriction && (*restriction->ancestors)[id])
    firstListed(restriction->leaves, block.first, limit, addInstruction);
  else
    index.leaves.forEachOverlapping(region, block.first, limit, add);
}

Pc Evaluator::findBlocker(BlockId id) {
  ++work;
  const Block &block = program.blocks[id];
  Pc first = firstStopOrLeave(id, block.end);
  Pc limit = std::min(first, block.end);
  const BoxIndex &calls = indices[id].calls;
  for (Pc from = block.first; !calls.empty();) {
    Pc call = calls.firstContaining(current, from, limit).pc;
    if (call == kNone)
      break;
    if (!canReturn(program.code[call].target))
      return call;
    from = call + 1;
  }
  return first;
}

Pc Evaluator::blocker(BlockId block) {
  Facts &known = facts[block];
  if (known.blockerStamp != stamp) {
    known.blocker = findBlocker(block);
    known.blockerStamp = stamp;
  }
  return known.blocker;
}

bool Evaluator::findReturn(BlockId id) {
  Pc last = blocker(id);
  auto canLeave = [&](Pc pc) {
    const Instruction &instruction = program.code[pc];
    return instruction.action == Action::Return ||
           (instruction.action == Action::Goto && canReturn(instruction.target));
  };
  if (last == kNone || canLeave(last))
    return true;
  bool none = indices[id].mayLeave.forEachContaining(current, program.blocks[id].first, last,
                                                     [&](const auto &entry) { return !canLeave(entry.pc); });
  // Leaves that a restriction does not let block may still be taken.
  if (none && restriction && (*restriction->ancestors)[id])
    none = indices[id].leaves.forEachContaining(current, program.blocks[id].first, last,
                                                [&](const auto &entry) { return !canLeave(entry.pc); });
  return !none;
}

bool Evaluator::canReturn(BlockId block) {
  if (facts[block].returnStamp != stamp) {
    bool returns = findReturn(block);
    facts[block].returns = returns;
    facts[block].returnStamp = stamp;
  }
  return facts[block].returns;
}

bool Evaluator::entersFromHook(BlockId id) const {
  const Block &block = program.blocks[id];
  for (uint32_t box = block.firstEntry; box != block.endEntry; ++box)
    if (contains(program.box(box), current))
      return true;
  return false;
}

bool Evaluator::findReach(BlockId id) {
  ++work;
  if (entersFromHook(id))
    return true;
  return !indices[id].sites.forEachContaining(current, 0, kNone,
                                              [&](const auto &site) { return !reachesInstruction(site.pc); });
}

bool Evaluator::reaches(BlockId block) {
  if (facts[block].reachStamp != stamp) {
    bool reached = findReach(block);
    facts[block].reached = reached;
    facts[block].reachStamp = stamp;
  }
  return facts[block].reached;
}

} // namespace iptlint::analysis
