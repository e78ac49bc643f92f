// What stands behind the columns of a listing, as options of iptables-save.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace iptlint::parse {

/// A word of iptables-save text and the part of the listing that says it.
struct ListedWord {
  std::string text; ///< with quotes where it needs them
  llvm::StringRef from;
};

struct ListedOptions {
  std::vector<ListedWord> matches;
  std::vector<ListedWord> target; ///< without -j
  /// Text that no phrase of the rule's target fits, though one came before it; empty if none.
  llvm::StringRef unread;
};

/// Reads the phrases of one row by the table in ListingPhrases.def. What is not understood, and what
/// shows less than the rule has, becomes `-m listed --as "TEXT"`, a match that nobody knows.
/// \param target  of the row: its phrases come last. Empty if it has none.
ListedOptions readPhrases(llvm::StringRef text, llvm::StringRef target);

} // namespace iptlint::parse
