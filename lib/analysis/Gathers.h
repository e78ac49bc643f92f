// Rules of a chain that differ in addresses alone, so that one rule with a set could replace them.
//
// They have the same target and the same tests but for one address, or for one address and one port. One rule takes the
// place of the first; the others may move there (Moves). Left out are the same rules as in Merges.h. Rules that let
// their packets go on are put together only where no packet meets two of them: it would be counted, or logged, once.
#pragma once

#include "analysis/Moves.h"
#include "analysis/Reach.h"

namespace iptlint::analysis {

/// Rules of one chain that one rule with a set, in the first one's place, could replace: no packet's verdict or effects
/// would change. They are alike but for one range of addresses, or for one address and one port; comments may differ.
struct Gather {
  std::vector<ir::RuleId> rules;      ///< ascending, two at least; all are live
  ir::Field address = ir::Field::Src; ///< Src, Dst
  std::optional<ir::Field> port = {}; ///< Sport, Dport
  bool countersAdd = true;            ///< the one rule would have counted just what these did
};

struct GatherOptions {
  bool defragmented = false; ///< as ReachOptions has it
  /// Rules for which it does not hold are left out; null: none are.
  std::function<bool(ir::RuleId)> mayMerge = nullptr;
  /// What is not worth a set leaves its rules to others.
  std::function<bool(const Gather &)> worthASet = nullptr;
};

/// In the order of their first rules; no rule is in two of them. The larger ones are found first.
std::vector<Gather> computeGathers(const ir::Table &table, packet::Family family, const CallGraph &graph,
                                   const GatherOptions &options);

/// The same, once it is known which rules are live and not redundant.
std::vector<Gather> findGathers(const ir::Table &table, Moves &moves, const std::vector<std::vector<RuleReach>> &reach,
                                const GatherOptions &options);

} // namespace iptlint::analysis
