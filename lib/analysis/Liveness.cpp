#include "analysis/Liveness.h"
#include "analysis/Assumptions.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

Liveness::Liveness(const Program &program, const ir::Table &table, const ReachOptions &options)
    : indices(program), search(program, indices, options.budget), program(program), table(table), options(options),
      dead(program.code.size()), answers(program.byRule.size()) {
  anyApproximate = llvm::any_of(program.code, [](const Instruction &i) { return i.approximate; });
}

void Liveness::run() {
  for (BlockId block : program.callersFirst)
    decideBlock(block);
}

void Liveness::openDeadSites() {
  std::vector<bool> noneDead(program.code.size());
  for (BlockId block = 0; block != program.blocks.size(); ++block)
    if (llvm::any_of(program.sites[block], [&](Pc site) { return dead[site]; }))
      indices.indexSites(block, noneDead);
  search.forgetUnreached();
}

void Liveness::decideBlock(BlockId id) {
  indices.indexSites(id, dead);
  const Block &block = program.blocks[id];
  bool unentered = indices[id].sites.empty() && block.firstEntry == block.endEntry;
  // The index is made anew each time the dead are twice as many and an eighth of all, so that the rules behind do not search
  // among them. That costs as much as many searches.
  constexpr uint32_t kMany = 256, kShare = 8;
  uint32_t indexed = 0, found = 0;
  for (Pc pc = block.first; pc != block.end; ++pc) {
    if (unentered)
      dead[pc] = true;
    else
      decideInstruction(pc);
    found += dead[pc];
    bool isWorthwhile = found >= kMany && found >= 2 * indexed && (found - indexed) * kShare >= pc - block.first;
    if (isWorthwhile && !unentered) {
      indices.indexCode(id, dead);
      indexed = found;
    }
  }
  if (found != indexed && (found - indexed) * kShare >= block.end - block.first && !unentered)
    indices.indexCode(id, dead);
}

void Liveness::decideInstruction(Pc pc) {
  const Instruction &instruction = program.code[pc];
  if (instruction.synthetic) {
    // It stands for no rule; keeping one that is dead costs little.
    return;
  }
  RuleAnswer &answer = answerOf(instruction.origin);
  if (answer.status == Status::Live && !instruction.probe)
    return;
  if (answer.evaluated && instruction.probe)
    return;
  Status status = search.decide(pc);
  if (instruction.probe) {
    answer.evaluated = status != Status::Dead;
    dead[pc] = status == Status::Dead;
    return;
  }
  dead[pc] = status == Status::Dead;
  if (status == Status::Dead)
    return;
  answer.status = Status::Unknown;
  if (status == Status::Unknown)
    return;
  search.remember(pc, search.witness());
  if (anyApproximate) {
    search.evaluator.moveTo(search.witness());
    if (assumptionsFor(program, indices, search.evaluator, table, pc).approximate) {
      answer.approximate = true;
      return;
    }
  }
  answer.status = Status::Live;
  answer.livePc = pc;
  answer.witness = options.witnesses ? search.plainer(pc) : search.witness();
}

} // namespace iptlint::analysis
