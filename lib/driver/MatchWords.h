// The MATCH of a query: words that a rule would have, to the question that they ask.
#pragma once

#include "parse/Parse.h"
#include "query/Query.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

struct ParsedMatch {
  query::Question question;
  parse::ParsedRules text; ///< holds what the question's tests point to
};

/// Reads \p words; the `-m` that an option needs may be missing. -i and -o name one interface each, -o that of a bound
/// socket of this machine. Says on \p err what cannot be read, and gives nothing then.
std::optional<ParsedMatch> readMatch(llvm::ArrayRef<std::string> words, packet::Family family,
                                     const parse::RulesOptions &options, llvm::raw_ostream &err);

/// The family that the addresses in \p words are of; nothing if there are none.
std::optional<packet::Family> familyOf(llvm::ArrayRef<std::string> words);

} // namespace iptlint::driver
