// What a pass is: a rule set in, an equivalent one out.
#pragma once

#include "pass/Record.h"

namespace iptlint::pass {

struct Pass {
  llvm::StringLiteral id;
  llvm::StringLiteral summary; ///< one line, for help
  /// What is done is added to \p record. Strings that it makes go where those of \p in are.
  ir::Ruleset (*run)(const ir::Ruleset &in, Record &record);
};

} // namespace iptlint::pass
