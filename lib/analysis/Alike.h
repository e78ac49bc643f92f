// Rules of a chain that are alike but for some of their tests, which are the slots of what could take their place.
//
// They are found by hashing, so that the time is nearly linear in the number of rules.
#pragma once

#include "analysis/Moves.h"
#include "analysis/Reach.h"

namespace iptlint::analysis {

/// A test that is left out where rules are compared, by its number in the rule.
struct Slot {
  Field field = Field::Src;
  uint32_t test = 0;
};

/// A rule that may be put together with others that are alike but for its slots.
struct Candidate {
  uint64_t key = 0; ///< the same for all that are alike but for tests of these fields
  llvm::SmallVector<Slot, 2> slots;
  uint32_t rule = 0;
};

/// The rules of one chain, as those look at them who put rules together.
class AlikeRules {
public:
  /// \param reach  of the chain's rules. \param anyComments  whether rules may be alike whose comments differ.
  /// \param mayMerge  where given, rules for which it does not hold are open to nothing.
  AlikeRules(const ir::Table &table, uint32_t chain, const std::vector<RuleReach> &reach, bool anyComments,
             const std::function<bool(ir::RuleId)> &mayMerge)
      : rules(table.chains[chain].rules), chain(chain), reach(reach), anyComments(anyComments), mayMerge(mayMerge) {}

  /// Whether a rule may be put together with any others: it is live and not redundant, does more than count, and none
  /// of its conditions keeps state, since each of two such rules has a state of its own.
  bool isOpen(uint32_t rule) const;
  /// A rule with these slots.
  Candidate candidate(uint32_t rule, llvm::ArrayRef<Slot> slots) const;
  /// Whether the test is the rule's only one of its field, so that it can be replaced.
  bool isOnly(uint32_t rule, const ir::RangeTest &test) const;
  /// Those that are alike, two at least, each group in the order of rules; groups in the order of their first ones.
  std::vector<std::vector<Candidate>> groups(std::vector<Candidate> candidates) const;

private:
  std::vector<const ir::Test *> othersOf(const Candidate &of) const;
  bool alike(const Candidate &left, const Candidate &right) const;
  llvm::StringRef commentOf(const ir::Rule &rule) const { return anyComments ? llvm::StringRef() : rule.comment; }

  const std::vector<ir::Rule> &rules;
  uint32_t chain;
  const std::vector<RuleReach> &reach;
  bool anyComments;
  const std::function<bool(ir::RuleId)> &mayMerge;
};

/// Whether what the rule does lets the packet go on: where several such rules match a packet, it is done several times.
inline bool letsGoOn(const ir::Rule &rule) {
  return rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Continue;
}

/// Whether \p rules of \p chain, ascending, would have counted together just what one in the place of the first does:
/// they pass none with which they have packets in common.
bool countersAdd(Moves &moves, uint32_t chain, llvm::ArrayRef<uint32_t> rules);

} // namespace iptlint::analysis
