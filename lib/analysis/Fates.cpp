#include "analysis/Fates.h"
#include "analysis/State.h"

namespace iptlint::analysis {

std::string targetText(const ir::Rule &rule) {
  std::string text = rule.target.name.str();
  if (!rule.target.options.empty())
    text += " " + rule.target.options.str();
  return text;
}

FateSet Fates::from(Pc pc, const std::vector<Pc> &calls, BlockId hook, const Point &at) {
  point = &at;
  hookBlock = hook;
  fates.clear();
  decider = kNone;
  run({calls, {}}, pc, true);
  return fates;
}

Pc Fates::nextMatch(BlockId id, Pc from) {
  const Block &block = program.blocks[id];
  auto [entry, isNew] = all.try_emplace(id);
  if (isNew) {
    std::vector<BoxIndex::Entry> entries;
    for (Pc pc = block.first; pc != block.end; ++pc)
      for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
        if (!program.code[pc].probe)
          entries.push_back({pc, box});
    entry->second = BoxIndex(program, std::move(entries));
  }
  return entry->second.firstContaining(*point, from, block.end).pc;
}

/// \param matched  the instruction is known to match.
void Fates::run(Walk walk, Pc pc, bool matched) {
  while (fates.size() < kMaxFates && step(walk, pc, matched))
    ;
}

std::string Fates::policyText(BlockId hook) const {
  const ir::Chain &chain = table.chains[program.blocks[hook].chain];
  switch (chain.policy) {
  case ir::Policy::Accept:
    return "ACCEPT";
  case ir::Policy::Drop:
    return "DROP";
  case ir::Policy::Unstated:
  case ir::Policy::None:
    return "the policy of " + chain.name.str();
  }
  llvm_unreachable("four policies");
}

void Fates::end(const Walk &walk, const std::string &verdict, Pc by) {
  if (fates.empty())
    decider = by;
  fates.insert(walk.effects + verdict);
}

/// Moves to where the walk goes on after a block has ended; false if that is the policy.
bool Fates::comeBack(Walk &walk, Pc &pc) {
  while (!walk.calls.empty()) {
    Pc call = walk.calls.back();
    walk.calls.pop_back();
    pc = nextMatch(program.code[call].block, call + 1);
    if (pc != kNone)
      return true;
  }
  end(walk, policyText(hookBlock), kNone);
  return false;
}

/// One matching instruction; leaves \p pc at the next one.
bool Fates::step(Walk &walk, Pc &pc, bool &matched) {
  const Instruction &instruction = program.code[pc];
  auto goOn = [&](BlockId block, Pc from) {
    pc = nextMatch(block, from);
    return pc != kNone || comeBack(walk, pc);
  };
  if (instruction.maybe && !matched) {
    Walk without = walk;
    Pc next = nextMatch(instruction.block, pc + 1);
    if (next != kNone || comeBack(without, next))
      run(std::move(without), next, false);
  }
  matched = false;
  if (instruction.synthetic)
    return instruction.action == Action::Return ? comeBack(walk, pc) : goOn(instruction.target, 0);
  const ir::Rule &rule = table.chains[instruction.origin.chain].rules[instruction.origin.rule];
  if (rule.target.kind == ir::TargetKind::Continue)
    walk.effects += targetText(rule) + "\n";
  else if (mayDoAnything(rule))
    walk.effects += "anything, by rule " + std::to_string(instruction.origin.chain) + "." +
                    std::to_string(instruction.origin.rule) + "\n";
  switch (instruction.action) {
  case Action::Stop:
    end(walk, targetText(rule), pc);
    return false;
  case Action::Pass:
    return goOn(instruction.block, pc + 1);
  case Action::Return:
    return comeBack(walk, pc);
  case Action::Goto:
    return goOn(instruction.target, 0);
  case Action::Call:
    walk.calls.push_back(pc);
    return goOn(instruction.target, 0);
  }
  llvm_unreachable("five actions");
}

} // namespace iptlint::analysis
