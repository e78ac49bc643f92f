// What passes did, for people: a diff and a report are made of it; and the sets that they made, which are written beside
// the rules.
//
// Rules are named by their lines in the text that was read, which no pass changes: their numbers shift as others go.
#pragma once

#include "ir/Sets.h"
#include "tree/Cost.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::pass {

/// What was done to rules or to a chain.
enum class Did : uint8_t {
  DropUnmatchable, ///< no packet meets the condition of `rules`
  DropUnreached,   ///< no packet reaches `rules`: those of `because` take them, where any are named
  DropRedundant,   ///< without `rules` nothing changes: that of `because` does the same, or the end of the chain
  DropAccounting,  ///< `rules` only counted
  Merge,           ///< `rules` are one, in the place of the first
  Gather,          ///< `rules` are one, in the place of the first, which asks the set `into`
  DropChain,       ///< no built-in chain leads to `chain`
  Fold,            ///< `chain` has the same rules as `into`; `rules` name that one instead
  MakeTree,        ///< `rules` stand in chains that are entered by what a packet has
  Inline,          ///< the rules of `chain` stand in `into` in place of the one jump, which is `rules`
};

struct Change {
  Did did = Did::DropUnreached;
  llvm::StringRef table;
  llvm::StringRef chain; ///< that of `rules`, or what the change is about
  std::vector<ir::SourceRange> rules;
  std::vector<ir::SourceRange> because = {};
  llvm::StringRef into = {};
};

/// A rule that no packet reaches and that stays all the same.
struct Kept {
  llvm::StringRef table, chain;
  ir::SourceRange rule;
  llvm::StringLiteral why;
};

/// A built-in chain that was rewritten for speed, or any chain that it leads to.
struct Faster {
  packet::Family family;
  llvm::StringRef table, chain;
  double before = 0, after = 0; ///< rules that a packet is expected to visit
};

/// Rules that a tree could have been made of, or that lie undivided in one.
struct LeftAsList {
  llvm::StringRef table, chain;
  size_t rules = 0;
  std::string why;
};

struct Record {
  bool takers = false; ///< whether to find out who takes the packets of dead rules, which costs time
  tree::CostModel costs = tree::kLegacyCost; ///< what rules cost where they will be loaded
  std::vector<Change> changes;
  std::vector<Kept> kept;
  /// What rules may ask about from now on; some may do so no longer. Their strings are those of the rule set's.
  std::vector<ir::Set> sets;
  llvm::StringSet<> takenSetNames; ///< names that these must not have
  std::vector<Faster> faster;
  std::vector<LeftAsList> lists;
};

} // namespace iptlint::pass
