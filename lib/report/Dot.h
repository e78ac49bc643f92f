// What all drawings for Graphviz share.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace iptlint::report {

/// A quoted string of DOT, with \p text printable and cut to what a picture has room for.
std::string dotString(llvm::StringRef text);

} // namespace iptlint::report
