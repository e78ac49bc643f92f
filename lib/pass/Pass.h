// What a pass is: a rule set in, an equivalent one out.
#pragma once

#include "ir/Ruleset.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::pass {

struct Pass {
  llvm::StringLiteral id;
  llvm::StringLiteral summary; ///< one line, for help
  ir::Ruleset (*run)(const ir::Ruleset &in);
};

} // namespace iptlint::pass
