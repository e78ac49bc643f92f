// Runs checks over one file: all findings, in order, without the suppressed ones. Or over what surrounds the rules.
#pragma once

#include "lint/Check.h"
#include "lint/NetworkReporter.h"

namespace iptlint::lint {

struct Outcome {
  std::vector<support::Diagnostic> findings; ///< sorted by place
  unsigned suppressed = 0;
};

/// \param facts  the rule sets of one file, one for each family.
/// \param checks which checks to run. A suppression of a check that is not among them is never unused.
Outcome runChecks(llvm::MutableArrayRef<Facts> facts, llvm::ArrayRef<const Check *> checks);

/// Runs those of the checks that ask about the network alone; nothing suppresses what they find. Sorted by place.
NetworkFindings runNetworkChecks(const ir::Network &network, llvm::ArrayRef<const Check *> checks,
                                 const Settings &settings);

} // namespace iptlint::lint
