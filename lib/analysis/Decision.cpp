#include "analysis/Decision.h"

namespace iptlint::analysis {

std::optional<Decision> decisionOf(const Program &program, const ir::Table &table, Pc pc) {
  const Instruction &instruction = program.code[pc];
  if (instruction.probe || instruction.synthetic)
    return std::nullopt;
  const ir::Chain &chain = table.chains[instruction.origin.chain];
  const ir::Target &target = chain.rules[instruction.origin.rule].target;
  if (instruction.action == Action::Return) {
    bool accepts = chain.policy == ir::Policy::Accept, drops = chain.policy == ir::Policy::Drop;
    return Decision{accepts ? "ACCEPT" : drops ? "DROP" : "RETURN", ""};
  }
  if (instruction.action != Action::Stop)
    return std::nullopt;
  return Decision{target.name, target.options};
}

Pc onlyInstructionOf(const Program &program, ir::RuleId rule) {
  Pc only = kNone;
  for (Pc pc : program.instructionsOf(rule)) {
    if (program.code[pc].probe)
      continue;
    if (only != kNone)
      return kNone;
    only = pc;
  }
  return only;
}

} // namespace iptlint::analysis
