// A table made smaller and weaker around one rule, so that a packet that gets to the rule in the table gets to it here
// too.
//
// The picture: somebody claims that a few rules, the takers, leave a rule no packet. Then nobody else is needed for
// it, and this is the table without everybody else. What is left of it:
// - the rule itself, which ends the table with a verdict that no target has, and the takers as they are;
// - the jumps that lead to any of these, and whatever writes what any of the rules that are left asks for, as they are;
// - the RETURNs and gotos of these chains. In a chain that leads to the rule those that are no takers may fall either
// way,
//   since the claim is that they are not needed. Without them packets would come by rules that they go round in
//   truth, and be taken there;
// - of other rules nothing: a packet that they would end goes on.
//
// So "no packet gets to the rule" is true of the table if it is true here, and not the other way round.
#pragma once

#include "ir/Ruleset.h"
#include <bitset>
#include <map>
#include <set>

namespace iptlint::smt {

/// The verdict that stands for the rule that is asked about.
constexpr llvm::StringLiteral kReachedVerdict = "the rule asked about";

/// \p table with the verdict in place of the target of \p rule, else unchanged.
ir::Table asking(const ir::Table &table, ir::RuleId rule);

/// Makes weakened tables of one table, which must outlive it.
class Weakener {
public:
  explicit Weakener(const ir::Table &table);

  /// Chains that nothing is left of are left out. Slices in it are those of the table.
  ir::Table around(ir::RuleId rule, const std::set<ir::RuleId> &takers) const;

private:
  class Selection;

  const ir::Table &table;
  std::vector<std::vector<ir::RuleId>> callers; ///< by chain: the jumps and gotos that lead to it
  std::vector<ir::RuleId> writers;              ///< whatever may change a packet
};

} // namespace iptlint::smt
