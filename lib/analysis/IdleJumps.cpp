#include "analysis/IdleJumps.h"
#include "analysis/State.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using ir::RuleId;
using ir::TargetKind;

constexpr unsigned kMostWays = 256;
constexpr int64_t kStepsPerWay = 2'000;
constexpr unsigned kQuickTries = 16;
constexpr size_t kMostLevels = 16; ///< a jump that leads on so deep is taken to do something

IdleJumps::IdleJumps(const Program &program, const ir::Table &table, Liveness &liveness)
    : program(program), table(table), liveness(liveness), someAct(program.blocks.size()) {
  for (auto id = program.callersFirst.rbegin(); id != program.callersFirst.rend(); ++id)
    for (Pc pc = program.blocks[*id].first; pc != program.blocks[*id].end && !someAct[*id]; ++pc)
      someAct[*id] = !isDead(pc) && (acts(pc) || leads(pc));
}

/// Whether a packet that the instruction matches is treated in some way, beyond being sent on.
bool IdleJumps::acts(Pc pc) const {
  const Instruction &instruction = program.code[pc];
  if (instruction.synthetic)
    return false;
  const ir::Rule &rule = table.chains[instruction.origin.chain].rules[instruction.origin.rule];
  if (instruction.probe || mayDoAnything(rule))
    return true;
  TargetKind kind = rule.target.kind;
  return kind != TargetKind::Return && kind != TargetKind::Jump && kind != TargetKind::Goto;
}

/// Whether no packet gets to the instruction's rule at all.
bool IdleJumps::isDead(Pc pc) const {
  const Instruction &instruction = program.code[pc];
  if (instruction.synthetic)
    return false;
  const Liveness::RuleAnswer &answer = liveness[instruction.origin];
  return instruction.probe ? !answer.evaluated : answer.status == Status::Dead;
}

bool IdleJumps::leads(Pc pc) const {
  BlockId target = program.code[pc].target;
  return target != kNone && someAct[target];
}

const IdleJumps::Doing &IdleJumps::indexOf(BlockId id) {
  auto [entry, isNew] = indexed.try_emplace(id);
  if (!isNew)
    return entry->second;
  std::vector<BoxIndex::Entry> acting, leading;
  for (Pc pc = program.blocks[id].first; pc != program.blocks[id].end; ++pc)
    if (!isDead(pc) && (acts(pc) || leads(pc)))
      for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
        (acts(pc) ? acting : leading).push_back({pc, box});
  entry->second = {BoxIndex(program, std::move(acting)), BoxIndex(program, std::move(leading))};
  return entry->second;
}

/// Whether the point comes to the first instruction of the way, and through each block to the next one.
bool IdleJumps::goesAlong(const Point &point, const Way &way) {
  Evaluator &evaluator = liveness.search.evaluator;
  evaluator.moveTo(point);
  return evaluator.reachesInstruction(way.front()) &&
         llvm::all_of(llvm::drop_begin(way), [&](Pc pc) { return evaluator.blocker(program.code[pc].block) >= pc; });
}

bool IdleJumps::someGoAlong(const Region &region, const Way &way) {
  const Instruction &last = program.code[way.back()];
  const Liveness::RuleAnswer *known = last.synthetic ? nullptr : &liveness[last.origin];
  return (known && !known->witness.empty() && goesAlong(region.clamp(known->witness), way)) ||
         goesAlong(region.clamp(program.space.preferred()), way) || goesAlong(region.lowCorner(), way) ||
         goesAlong(region.highCorner(), way);
}

/// Whether no packet of \p region goes along: what surely takes packets before the instructions of the way takes all.
bool IdleJumps::isClosed(const Region &region, const Way &way) {
  if (waysLeft == 0 || someGoAlong(region, way))
    return false;
  --waysLeft;
  std::vector<Box> boxes;
  for (Pc pc : way)
    liveness.search.evaluator.collectOverlapping(program.code[pc].block, region, pc, boxes);
  int64_t steps = kStepsPerWay;
  auto stop = [](const Region &) { return std::nullopt; };
  return cover(region, std::move(boxes), stop, steps) == Coverage::Covered;
}

/// A quick look at the first instructions: most jumps show there that they lead to something.
bool IdleJumps::isSeenToAct(BlockId id, const Region &region, Way &way, unsigned &tries) {
  const Block &block = program.blocks[id];
  for (Pc pc = block.first; pc != block.end && tries != 0; ++pc) {
    if (isDead(pc) || (!acts(pc) && !leads(pc)))
      continue;
    --tries;
    const Instruction &instruction = program.code[pc];
    if (instruction.firstBox == instruction.endBox || !region.overlaps(program.box(instruction.firstBox)))
      continue;
    Region part = region;
    part.intersect(program.box(instruction.firstBox));
    way.push_back(pc);
    bool seen = acts(pc) ? someGoAlong(part, way) : isSeenToAct(instruction.target, part, way, tries);
    way.pop_back();
    if (seen)
      return true;
  }
  return false;
}

/// Whether nothing acts on the packets of \p region that come to \p block by \p way.
bool IdleJumps::isIdle(BlockId block, const Region &region, Way &way) {
  if (way.size() > kMostLevels)
    return false;
  const Doing &doing = indexOf(block);
  auto partAt = [&](const BoxIndex::Entry &entry) {
    Region part = region;
    part.intersect(program.box(entry.box));
    return part;
  };
  auto closes = [&](const BoxIndex::Entry &entry, bool leads) {
    Region part = partAt(entry);
    way.push_back(entry.pc);
    bool idle = isClosed(part, way) || (leads && isIdle(program.code[entry.pc].target, part, way));
    way.pop_back();
    return idle;
  };
  return doing.acting.forEachOverlapping(region, 0, kNone, [&](const auto &entry) { return closes(entry, false); }) &&
         doing.leading.forEachOverlapping(region, 0, kNone, [&](const auto &entry) { return closes(entry, true); });
}

bool IdleJumps::leadsToNothing(RuleId jump) {
  waysLeft = kMostWays;
  for (Pc pc : program.instructionsOf(jump)) {
    const Instruction &instruction = program.code[pc];
    // One that keeps state acts itself; behind a goto the walk goes on elsewhere than behind the rule.
    if (instruction.probe || instruction.maybe || instruction.action != Action::Call)
      return false;
    for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
      Region region(program.space);
      region.intersect(program.box(box));
      Way way = {pc};
      unsigned tries = kQuickTries;
      if (someAct[instruction.target] && liveness.search.narrow(pc, region) &&
          (isSeenToAct(instruction.target, region, way, tries) || !isIdle(instruction.target, region, way)))
        return false;
    }
  }
  return true;
}

void IdleJumps::judge(uint32_t chain, std::vector<RuleReach> &rules) {
  for (uint32_t r = 0; r != rules.size(); ++r)
    if (table.chains[chain].rules[r].target.kind == TargetKind::Jump && rules[r].status == Status::Live)
      rules[r].leadsToNothing = leadsToNothing({chain, r});
}

} // namespace iptlint::analysis
