// What passes did, in words, with rules numbered as they were in the text that was read.
#pragma once

#include "pass/Record.h"
#include "llvm/ADT/ArrayRef.h"
#include <map>
#include <string>
#include <vector>

namespace iptlint::driver {

/// Where the rules of a text stand: by the first byte of their line.
class RulePlaces {
public:
  struct Place {
    const ir::Table *table;
    const ir::Chain *chain;
    unsigned number; ///< in the chain, from 1
  };

  /// \param original  must outlive this.
  explicit RulePlaces(llvm::ArrayRef<ir::Ruleset> original);

  /// nullptr where no rule stands there.
  const Place *operator[](ir::SourceRange at) const;

private:
  std::map<uint32_t, Place> places;
};

/// "rule 4 of INPUT: no packet reaches it, rule 2 takes them": of changes that tell the same of rules of one chain, one
/// line for all.
std::vector<std::string> reasonsOf(llvm::ArrayRef<const pass::Change *> changes, const RulePlaces &places);

/// The changes of which something is in \p result: not where what was changed has been put back.
std::vector<const pass::Change *> changesIn(llvm::ArrayRef<ir::Ruleset> result, llvm::ArrayRef<pass::Change> changes,
                                            llvm::ArrayRef<ir::Ruleset> original);

} // namespace iptlint::driver
