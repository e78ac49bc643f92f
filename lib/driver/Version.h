#pragma once

#include "llvm/ADT/StringRef.h"

namespace iptlint::driver {

/// "0.1.0": of CMakeLists.txt's project().
llvm::StringRef version();

} // namespace iptlint::driver
