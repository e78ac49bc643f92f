// The sets of `--sets` as one text of rules uses them.
//
// What a set holds is worked out once for each question that rules ask of it, and rules share it. Sets that
// the rules themselves change are found out beforehand.
#pragma once

#include "parse/Findings.h"
#include "parse/SetBoxes.h"
#include "llvm/ADT/StringSet.h"
#include <map>

namespace iptlint::parse {

struct SetCondition {
  SetAnswer answer = SetAnswer::Exact;
  std::shared_ptr<const std::vector<ir::Alternative>> boxes; ///< Exact and AtMost
};

class KnownSets {
public:
  /// Each rule that asks about a set gets the set's ranges. Where all of a text's rules together would get more than
  /// this, analysis would leave many of them undecided: the sets that are asked about last are unknown then (docs/sets.md).
  static constexpr size_t kMostPieces = 1 << 20;

  /// \param sets   those that `--sets` gives; null: nothing is known of any but \p made.
  /// \param made   as RulesOptions has them, or null. \param rules  the text that is to be read.
  KnownSets(std::shared_ptr<const ir::Sets> sets, std::shared_ptr<const ir::Sets> made, llvm::StringRef rules);

  /// Whether nothing can be said of a set that is not here: not even that it does not exist.
  bool mayBeOthers() const { return !sets; }

  const ir::Set *find(llvm::StringRef name) const;

  /// \param at  the set's name in the rule. Where less is known of the set than what it holds now, that is said
  ///            there, once for each set.
  const SetCondition &condition(const ir::Set &set, const SetQuestion &question, packet::Family family,
                                llvm::StringRef at, Findings &findings);

private:
  SetCondition make(const ir::Set &set, const SetQuestion &question, packet::Family family, std::string &why);
  bool isChanged(const ir::Set &set) const;
  void noteUses(llvm::StringRef line);
  bool isMade(const ir::Set &set) const { return made && made->find(set.name) == &set; }
  void noteNames(const ir::Sets &all);
  bool spend(size_t pieces);

  struct Asked {
    const ir::Set *set;
    SetQuestion question;
    packet::Family family;
    auto operator<=>(const Asked &) const = default;
  };

  std::shared_ptr<const ir::Sets> sets, made;
  llvm::StringMap<const ir::Set *> byName;
  llvm::StringMap<size_t> uses; ///< how many words of the text are the set's name
  size_t piecesLeft = kMostPieces;
  llvm::StringSet<> changed;   ///< names behind --add-set and --del-set
  bool countersAreRead = false;
  std::map<Asked, SetCondition> conditions;
  llvm::StringSet<> told;
};

} // namespace iptlint::parse
