// What is left of a chain for the packets of a region, as a nested list of rules in their order.
//
// Rules that no packet of the region meets are gone, and so is all that stands behind a rule that surely decides. A
// jump that is surely taken is replaced by what is left of the chain it leads to; one that may be taken holds that
// inside, as left by the packets that take it. All else stays, in order: effects, conditions with state that are
// evaluated, rules that only count, and whatever is not modelled.
//
// A list is a program of its own: it says what happens to a packet of its region without any tree around it, and to a
// packet of any other region that leaves the same list.
#pragma once

#include "tree/Calls.h"
#include "tree/Region.h"
#include "tree/Weights.h"
#include <map>
#include <memory>
#include <vector>

namespace iptlint::tree {

struct Entry;
using List = std::vector<Entry>;

/// A rule of a list.
///
/// Where `met` is Always its condition counts as met, where it is Maybe the condition is tried as it is written. Where
/// it is Never it is tried as well, since what keeps state in it acts, but the target does nothing.
/// A RETURN leaves the innermost list that it stands in; behind a goto, when what it leads to ends, the packet leaves
/// the list that the goto stands in. Where the outermost list ends the policy decides.
struct Entry {
  /// Of a verdict that is Always given: the first rule of the table that gives this verdict to packets of the same
  /// protocols, which some verdicts cannot be written without.
  ir::RuleId rule;
  Truth met = Truth::Maybe;
  bool whole = false;    ///< a jump or goto to the chain as it is written; `inner` is null
  uint32_t open = ~0u;   ///< the tests that are not known to hold, a bit for each; the last bit: any from the 32nd on
  uint32_t cuttable = 0; ///< those of them that read only what is as it entered the table
  /// Of a rule that ends the table: how many packets it gets here, as Weights estimates. Of a jump or goto: the part of
  /// the packets in the chain it leads to that come by it.
  double weight = 0;
  std::shared_ptr<const List> inner; ///< of a jump or goto: what is left of the chain it leads to
};

/// How many rules a list holds, those inside of jumps included.
size_t sizeOf(const List &list);

/// Whether no packet comes to the end of the list or leaves it.
bool surelyEnds(const List &list, const ir::Table &table);

/// Narrows \p region to the packets that may meet the condition of \p entry.
Region narrowedBy(const Entry &entry, const ir::Table &table, const Region &region);

/// Rules of a chain that stand one behind the other.
struct Stretch {
  uint32_t chain = 0;
  uint32_t begin = 0, end = 0; ///< the first rule, and the one behind the last
  /// How many packets come to what stands behind, as Weights estimates; none: nothing does, and at the end the policy
  /// decides or the packet leaves the chain. Where something does, no rule of these is a RETURN, nor a goto.
  std::optional<double> behind = std::nullopt;

  static Stretch all(const ir::Table &table, uint32_t chain) {
    return {chain, 0, uint32_t(table.chains[chain].rules.size()), std::nullopt};
  }
};

/// Rules as they are written, in a chain that is entered by \p share of the packets that it gets.
List listOf(const ir::Table &table, const Weights &weights, const Stretch &stretch, double share = 1);

/// A list for a region, and how many packets end at the policy.
struct Residue {
  List list;
  double policyWeight = 0;
};

/// How far calls are looked into in one go. What is beyond stays a call of the chain as it is written, and is looked
/// into once a smaller region decides the calls around it.
struct FollowLimits {
  unsigned nested = 64; ///< chains that are called by chains ...
  /// How many rules of called chains one list may take in, beyond as many as its table has: a chain that is called from
  /// many places of chains that are, too, would grow without end.
  size_t rules = 4096;
  /// By chain: it is never looked into. Empty: each may be.
  std::vector<bool> closed = {};
};

class Residual {
public:
  /// \param table  must outlive this; \param calls   of the chains that will be asked about: no cycles, no rules that
  ///                could not be read, no jumps to chains that do not exist.
  Residual(const ir::Table &table, const Weights &weights, const Calls &calls, FollowLimits limits);

  /// What is left of rules as they are written.
  Residue of(const Stretch &stretch, const Region &region) const;
  /// What is left of \p left, which is of a region that holds \p region.
  Residue within(const Residue &left, const Stretch &stretch, const Region &region) const;

private:
  const ir::Table &table;
  const Weights &weights;
  FollowLimits limits;
  size_t rules = 0;                           ///< of the table
  std::map<std::string, ir::RuleId> verdicts; ///< the first rule that gives each verdict
  std::vector<FieldSet> writes;               ///< by chain: what a packet may come out with that it did not go in with
};

/// The verdict that a rule's target gives, with its options: "ACCEPT", "REJECT --reject-with tcp-reset".
std::string verdictOf(const ir::Target &target);

} // namespace iptlint::tree
