// Small pieces of text that several reports share.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>

namespace iptlint::report {

/// "12 rules", "1 rule".
std::string counted(uint64_t count, llvm::StringRef what);

/// Bytes of the well-formed UTF-8 character that \p text, which is not empty, begins with; 0 if there is none.
unsigned characterLength(llvm::StringRef text);

} // namespace iptlint::report
