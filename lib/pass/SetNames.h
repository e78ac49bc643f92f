// Names for sets that rules are gathered into.
//
// A name says whose rules they were, what is asked and what becomes of the packets, and ends with digits of a hash of
// what the set holds. So one name is one content: the sets of a new version stand beside those of the old one when they
// are loaded, the rules that are in force ask for theirs until they are replaced, and what has not changed keeps its
// name.
#pragma once

#include "pass/Record.h"
#include "llvm/Support/StringSaver.h"

namespace iptlint::pass {

/// The most characters of a set's name (IPSET_MAXNAMELEN counts the end as one more).
constexpr size_t kLongestSetName = 31;

/// The words of \p ruleset that may be names of sets.
std::vector<llvm::StringRef> setNamesIn(const ir::Ruleset &ruleset);

/// The set in \p record that holds what \p wanted does, which has no name yet; made, where there is none, with a name
/// such as `INPUT~src-DROP~5f0c1a92`. Valid until the next call. \param asked  of packets: "src", "src-dport".
const ir::Set &findOrMake(Record &record, ir::Set wanted, const ir::Chain &chain, llvm::StringRef asked,
                          const ir::Target &target, llvm::StringSaver &strings);

} // namespace iptlint::pass
