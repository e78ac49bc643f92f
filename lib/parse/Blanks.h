// Words that blanks and tabs set apart, without quotes: how listings, ifconfig and scripts of ipset write their lines.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using BlankSeparated = llvm::SmallVector<llvm::StringRef, 16>;

inline BlankSeparated splitAtBlanks(llvm::StringRef line) {
  BlankSeparated words;
  llvm::SplitString(line, words, " \t");
  return words;
}

} // namespace iptlint::parse
