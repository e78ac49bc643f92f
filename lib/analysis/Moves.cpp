#include "analysis/Moves.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using ir::RuleId;
using ir::TargetKind;

/// Rules that share packets with the one that is moved, and those that write, of which so many are looked at.
constexpr unsigned kMostLookedAt = 64;

static bool endsWalk(const ir::Rule &rule) {
  TargetKind kind = rule.target.kind;
  return kind == TargetKind::Accept || kind == TargetKind::Drop || kind == TargetKind::Verdict ||
         kind == TargetKind::Return;
}

void Moves::indexBlock(BlockId id) {
  if (block == id)
    return;
  block = id;
  std::vector<BoxIndex::Entry> entries;
  for (Pc pc = program.blocks[id].first; pc != program.blocks[id].end; ++pc)
    for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
      entries.push_back({pc, box});
  all = BoxIndex(program, std::move(entries));
}

/// A rule that ends the walk may pass others that end it in the same way: their common packets fare alike.
bool Moves::doesJustTheSame(Pc pc, const ir::Rule &moved) const {
  const Instruction &instruction = program.code[pc];
  if (instruction.maybe || instruction.probe || instruction.synthetic || !endsWalk(moved))
    return false;
  const ir::Target &target = ruleOf(instruction.origin).target;
  return target.kind == moved.target.kind && target.name == moved.target.name && target.options == moved.target.options;
}

/// Whether no rule from \p to on up to \p id writes what that one reads, or reads what it writes.
bool Moves::isIndependent(RuleId id, uint32_t to) {
  const std::vector<ir::Rule> &rules = table.chains[id.chain].rules;
  if (chain != id.chain) {
    chain = id.chain;
    writers.clear();
    for (uint32_t r = 0; r != rules.size(); ++r)
      if (flow.writesOf(rules[r]).any())
        writers.push_back(r);
  }
  const ir::Rule &moved = rules[id.rule];
  Parts reads = flow.readsOf(moved) | partsReadByTarget(moved);
  unsigned lookedAt = 0;
  for (auto writer = llvm::lower_bound(writers, to); writer != writers.end() && *writer < id.rule; ++writer)
    if (++lookedAt > kMostLookedAt || flow.writesOf(rules[*writer]).meets(reads))
      return false;
  Parts writes = flow.writesOf(moved);
  if (!writes.any())
    return true;
  if (id.rule - to > kMostLookedAt)
    return false;
  return llvm::none_of(llvm::makeArrayRef(rules).slice(to, id.rule - to), [&](const ir::Rule &rule) {
    return writes.meets(flow.readsOf(rule) | partsReadByTarget(rule)) || writes.meets(flow.writesOf(rule));
  });
}

bool Moves::mayMoveUp(RuleId id, uint32_t to, bool apart) {
  auto own = program.instructionsOf(id), first = program.instructionsOf({id.chain, to});
  if (own.size() != 1 || first.empty())
    return false;
  const Instruction &instruction = program.code[own.front()];
  auto isElsewhere = [&](Pc pc) { return program.code[pc].block != instruction.block; };
  if (instruction.maybe || instruction.probe || llvm::any_of(first, isElsewhere))
    return false;
  if (to == id.rule)
    return true;
  if (!isIndependent(id, to))
    return false;
  indexBlock(instruction.block);
  unsigned lookedAt = 0;
  auto isPassed = [&](const BoxIndex::Entry &entry) {
    return !apart && ++lookedAt <= kMostLookedAt && doesJustTheSame(entry.pc, ruleOf(id));
  };
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
    Region region(program.space);
    region.intersect(program.box(box));
    if (!all.forEachOverlapping(region, first.front(), own.front(), isPassed))
      return false;
  }
  return true;
}

} // namespace iptlint::analysis
