// Strings of DOT, the language of Graphviz.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace iptlint::report {

/// A quoted string, with \p text printable and cut to what a picture has room for.
std::string dotQuoted(const std::string &text);

/// A label of several lines, each flush left.
std::string dotLines(llvm::ArrayRef<std::string> lines);

} // namespace iptlint::report
