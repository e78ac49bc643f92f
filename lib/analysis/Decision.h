// What a rule that surely ends a packet's walk through its chain decides, to compare it with others of the chain.
#pragma once

#include "analysis/Program.h"

namespace iptlint::analysis {

struct Decision {
  llvm::StringRef name, options;
  bool operator==(const Decision &) const = default;
};

/// The verdict of a rule, or RETURN. In a built-in chain RETURN is the policy, where the text gives it.
/// Nothing for what else an instruction does: jumps and gotos leave it to others, and other rules decide nothing.
std::optional<Decision> decisionOf(const Program &program, const ir::Table &table, Pc pc);

/// The one instruction of a rule that is met in one state only, without that for its first condition with state; kNone
/// of other rules.
Pc onlyInstructionOf(const Program &program, ir::RuleId rule);

} // namespace iptlint::analysis
