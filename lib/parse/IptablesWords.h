// A few words as iptables-save writes them, understood: for texts that say in other words what a target or an
// unmodelled match says.
#pragma once

#include "ir/Ruleset.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/StringSaver.h"
#include <string>

namespace iptlint::parse {

class IptablesWords {
public:
  /// \param memory  holds the texts of what is made.
  IptablesWords(packet::Family family, llvm::BumpPtrAllocator &memory) : family(family), strings(memory) {}

  /// The rule `-A NAME WORDS`; null where iptables would refuse it. \p table  that it stands in.
  const ir::Rule *read(const std::string &words, llvm::StringRef table);

private:
  packet::Family family;
  llvm::UniqueStringSaver strings;
  llvm::StringMap<ir::Rule> known; ///< broken ones are those that are refused
};

} // namespace iptlint::parse
