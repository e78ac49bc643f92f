// Every check by its name. The table is made by CMake out of the folder checks/.
#pragma once

#include "lint/Check.h"

namespace iptlint::lint {

/// All checks, sorted by id.
llvm::ArrayRef<const Check *> allChecks();

/// The check of this id; nullptr if there is none.
const Check *findCheck(llvm::StringRef id);

} // namespace iptlint::lint
