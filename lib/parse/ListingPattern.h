// One pattern of ListingPhrases.def against the text of a listing.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace iptlint::parse {

/// What a pattern found.
struct PhraseFit {
  size_t length = 0; ///< bytes of the text that it takes
  bool negated = false;
  struct Value {
    char name;
    llvm::StringRef text;
  };
  llvm::SmallVector<Value, 4> values;

  /// Of a value that the pattern has.
  llvm::StringRef value(char name) const;
};

/// Whether \p text begins with \p pattern, as the head of ListingPhrases.def explains patterns, up to a blank or its
/// end.
std::optional<PhraseFit> fitPhrase(llvm::StringRef pattern, llvm::StringRef text);

} // namespace iptlint::parse
