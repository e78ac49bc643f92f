// Runs checks over one file: all findings, in order, without the suppressed ones.
#pragma once

#include "lint/Check.h"

namespace iptlint::lint {

struct Outcome {
  std::vector<support::Diagnostic> findings; ///< sorted by place
  unsigned suppressed = 0;
};

/// \param facts  the rule sets of one file, one for each family.
/// \param checks which checks to run. A suppression of a check that is not among them is never unused.
Outcome runChecks(llvm::MutableArrayRef<Facts> facts, llvm::ArrayRef<const Check *> checks);

} // namespace iptlint::lint
