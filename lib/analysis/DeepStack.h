// A stack that is deep enough to follow a table's jumps.
#pragma once

#include "analysis/Program.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace iptlint::analysis {

/// Runs \p work, which may evaluate points of \p program. The evaluation recurses along jumps, which legacy iptables
/// loads 10,000 deep: a deep table gets a stack of its own, which is only committed as far as it is used.
void onFittingStack(const Program &program, llvm::function_ref<void()> work);

} // namespace iptlint::analysis
