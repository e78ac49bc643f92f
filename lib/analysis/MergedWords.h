// How a rule is written that takes the place of several (Merges.h).
#pragma once

#include "analysis/Order.h"

namespace iptlint::analysis {

/// The words of \p rule, which is one of those that are merged, with the wider test. Comments stay as they are.
/// Nothing where the test is written in a way that is not known here: abbreviated, or in a word with its value; or
/// where another rule of the merge has the form that is needed (a range of addresses is no -s).
std::optional<std::vector<std::string>> mergedWords(const ir::Rule &rule, const Merge &merge, packet::Family family);

/// \p words of a rule without the option that asks for \p field, and without its match where nothing else is asked of
/// that and it is not one of a protocol. Nothing where the option is written in a way that is not known here.
std::optional<std::vector<std::string>> wordsWithout(std::vector<std::string> words, ir::Field field);

} // namespace iptlint::analysis
