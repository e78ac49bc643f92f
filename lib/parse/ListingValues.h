// Values that a listing, most of all one with -n, has otherwise than options take them.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace iptlint::parse {

/// \param kind  the letter of a value in a pattern, as the head of ListingPhrases.def explains it.
/// \returns the value as the option takes it; nothing where \p text is no value of that kind.
std::optional<std::string> listedValue(char kind, llvm::StringRef text);

} // namespace iptlint::parse
