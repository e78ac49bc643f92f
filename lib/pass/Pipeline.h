// Passes one after the other, and the order in which a goal runs them.
#pragma once

#include "pass/Pass.h"

namespace iptlint::pass {

/// Passes in the order they run. The array must outlive its use.
using Passes = llvm::ArrayRef<const Pass *>;

/// What `--goal=tidy` runs: smaller, with every user chain in its place.
Passes tidyPasses();

/// Runs \p passes in order. The result shares the source and strings of \p in.
ir::Ruleset runPasses(const ir::Ruleset &in, Passes passes);

} // namespace iptlint::pass
