// `--assume CONDITION=yes|no`, of trace and query.
#pragma once

#include "eval/Explore.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

namespace iptlint::driver {

/// `-m limit --limit 5/min=yes`, each. \returns nothing, and says so on \p err, where one has no answer.
std::optional<std::vector<eval::Assumption>> parseAssumptions(llvm::ArrayRef<std::string> texts, llvm::raw_ostream &err);

/// Says of each assumption that fits no condition that it does not.
void printUnused(llvm::ArrayRef<eval::Assumption> assumptions, llvm::raw_ostream &err);

} // namespace iptlint::driver
