// Every pass by its name. The table is made by CMake out of the folder passes/.
#pragma once

#include "pass/Pipeline.h"

namespace iptlint::pass {

/// All passes, sorted by id.
Passes allPasses();

/// The pass of this id; nullptr if there is none.
const Pass *findPass(llvm::StringRef id);

} // namespace iptlint::pass
