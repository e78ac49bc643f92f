#include "analysis/Redundant.h"
#include "analysis/State.h"
#include <algorithm>

namespace iptlint::analysis {

constexpr int64_t kStepsPerRule = 20'000;
constexpr size_t kMaxTargets = 1024;

// Numbers of actions that are not targets of their own.
constexpr uint32_t kAccept = 0, kDrop = 1, kReturn = 2, kFirstFree = 3;

Redundant::Redundant(const Program &program, const ir::Table &table, const Liveness &liveness)
    : program(program), table(table), liveness(liveness) {
  actions[{"ACCEPT", ""}] = kAccept;
  actions[{"DROP", ""}] = kDrop;
}

/// What happens at the end of a block, or at a RETURN in it.
uint32_t Redundant::endActionOf(BlockId id) const {
  switch (table.chains[program.blocks[id].chain].policy) {
  case ir::Policy::Accept:
    return kAccept;
  case ir::Policy::Drop:
    return kDrop;
  case ir::Policy::None:
  case ir::Policy::Unstated:
    return kReturn;
  }
  llvm_unreachable("four policies");
}

uint32_t Redundant::actionOf(Pc pc) {
  const Instruction &instruction = program.code[pc];
  if (instruction.maybe || instruction.probe || instruction.synthetic)
    return kNone;
  if (instruction.action == Action::Return)
    return endActionOf(instruction.block);
  if (instruction.action != Action::Stop)
    return kNone;
  const ir::Target &target = table.chains[instruction.origin.chain].rules[instruction.origin.rule].target;
  return actions.try_emplace({target.name, target.options}, uint32_t(actions.size() - 2 + kFirstFree)).first->second;
}

void Redundant::indexLater(BlockId id) {
  block = id;
  actionOfPc.clear();
  std::vector<BoxIndex::Entry> entries;
  for (Pc pc = program.blocks[id].first; pc != program.blocks[id].end; ++pc) {
    const Instruction &instruction = program.code[pc];
    actionOfPc.push_back(actionOf(pc));
    // A rule that only counts is not noticed.
    bool onlyCounts = false;
    if (!instruction.synthetic && !instruction.maybe && !instruction.probe && instruction.action == Action::Pass) {
      const ir::Rule &rule = table.chains[instruction.origin.chain].rules[instruction.origin.rule];
      onlyCounts = rule.target.kind == ir::TargetKind::None;
    }
    if (!onlyCounts)
      for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box)
        entries.push_back({pc, box});
  }
  later = BoxIndex(program, std::move(entries));
}

void Redundant::judge(uint32_t chain, std::vector<RuleReach> &rules) {
  for (uint32_t r = 0; r != rules.size(); ++r) {
    auto instructions = program.instructionsOf({chain, r});
    // In several states at once, or with conditions that act: not asked here.
    if (rules[r].status != Status::Live || instructions.size() != 1)
      continue;
    Pc pc = instructions.front();
    if (block != program.code[pc].block)
      indexLater(program.code[pc].block);
    // The witness is a packet that the rule takes: it would notice first.
    Pc next = later.firstContaining(liveness[{chain, r}].witness, pc + 1, program.blocks[block].end).pc;
    if ((next == kNone ? endActionOf(block) : actionAt(next)) != actionAt(pc))
      continue;
    rules[r].redundantWhenLive = mayGo(pc);
    if (rules[r].redundantWhenLive && next != kNone)
      rules[r].madeRedundantBy = program.code[next].origin;
  }
}

bool Redundant::mayGo(Pc pc) {
  uint32_t action = actionAt(pc);
  if (action == kNone)
    return false;
  steps = kStepsPerRule;
  const Instruction &instruction = program.code[pc];
  std::vector<Region> regions;
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
    regions.emplace_back(program.space).intersect(program.box(box));
    if (!cornersAgree(pc, regions.back(), action))
      return false;
  }
  return std::all_of(regions.begin(), regions.end(),
                     [&](const Region &region) { return regionMayGo(pc, region, action); });
}

/// Whether no rule before it takes the point.
bool Redundant::takes(Pc pc, const Point &point) const {
  const Indices::OfBlock &index = liveness.indices[block];
  Pc first = program.blocks[block].first;
  return !index.stops.anyContains(point, first, pc) && !index.leaves.anyContains(point, first, pc);
}

/// Whether the first rule behind \p pc that the point meets, or \p target where there is none before it, does otherwise.
bool Redundant::endsOtherwise(Pc pc, Pc target, const Point &point, uint32_t action) const {
  Pc end = program.blocks[block].end;
  Pc next = later.firstContaining(point, pc + 1, target).pc;
  if (next == kNone)
    next = target;
  return (next == end ? endActionOf(block) : actionAt(next)) != action;
}

/// Mostly they do: then who came before need not be asked.
bool Redundant::cornersAgree(Pc pc, const Region &region, uint32_t action) const {
  Pc end = program.blocks[block].end;
  auto agrees = [&](const Point &point) { return !endsOtherwise(pc, end, point, action) || !takes(pc, point); };
  return agrees(region.lowCorner()) && agrees(region.highCorner());
}

bool Redundant::regionMayGo(Pc pc, const Region &region, uint32_t action) {
  Pc end = program.blocks[block].end;
  // The first later rule that does the same for the whole region leaves only those before it to be asked.
  Pc holder = later.firstAround(region, pc + 1, end).pc;
  while (holder != kNone && actionAt(holder) != action)
    holder = later.firstAround(region, holder + 1, end).pc;
  // Points first, in all rules that do otherwise: most rules that matter show it here.
  std::vector<BoxIndex::Entry> targets;
  bool allAgree =
      later.forEachOverlapping(region, pc + 1, std::min(holder, end), [&](const BoxIndex::Entry &entry) {
        if (actionAt(entry.pc) == action)
          return true;
        targets.push_back(entry);
        Region both = region;
        both.intersect(program.box(entry.box));
        Point corner = both.highCorner();
        return targets.size() <= kMaxTargets && !(takes(pc, corner) && endsOtherwise(pc, entry.pc, corner, action));
      });
  if (!allAgree)
    return false;
  for (const BoxIndex::Entry &target : targets) {
    Region both = region;
    both.intersect(program.box(target.box));
    if (!covered(pc, both, target.pc, action))
      return false;
  }
  return holder != kNone || endActionOf(block) == action || covered(pc, region, end, action);
}

/// Whether rules before \p pc, and those of the same action between it and \p target, cover the region.
bool Redundant::covered(Pc pc, const Region &region, Pc target, uint32_t action) {
  const Block &here = program.blocks[block];
  const Indices::OfBlock &index = liveness.indices[block];
  if (--steps < 0)
    return false;
  if (index.stops.firstAround(region, here.first, pc).pc != kNone ||
      index.leaves.firstAround(region, here.first, pc).pc != kNone)
    return true;
  std::vector<Box> boxes;
  auto add = [&](const BoxIndex::Entry &entry) {
    boxes.push_back(program.box(entry.box));
    return true;
  };
  index.stops.forEachOverlapping(region, here.first, pc, add);
  index.leaves.forEachOverlapping(region, here.first, pc, add);
  later.forEachOverlapping(region, pc + 1, target, [&](const BoxIndex::Entry &entry) {
    return actionAt(entry.pc) != action || add(entry);
  });
  steps -= int64_t(boxes.size());
  auto stop = [](const Region &) { return std::nullopt; };
  return cover(region, std::move(boxes), stop, steps) == Coverage::Covered;
}

} // namespace iptlint::analysis
