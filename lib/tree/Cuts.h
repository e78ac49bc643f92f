// Which field to test at a node, and where to cut it.
#pragma once

#include "tree/Cost.h"

namespace iptlint::tree {

struct Cut {
  Field field = Field::Hook;
  std::vector<Value> starts; ///< where the branches begin, but for the first, ascending
  double gain = 0;           ///< nanoseconds that a packet is expected to save
};

/// What a cut is to be good for.
struct CutGoal {
  CostModel cost;
  /// Lists of more rules than this are cut wherever that tells two of their rules apart, whatever it costs; none: where
  /// it saves time.
  std::optional<size_t> mostRules;
};

/// The best cut of a list in \p region; nothing if none is good for anything.
///
/// Cuts are made where a test of the list begins or ends: at all these values of a field where they are few, and else
/// at as many as there may be branches, with as many of these values between any two. Of the fields that one is taken
/// that leaves a packet the fewest rules, weighed by how many packets come to each branch; rules that have to
/// stand in several branches make it dearer.
std::optional<Cut> bestCut(const Residue &residue, const Region &region, const ir::Table &table,
                           const WrittenCost &written, const CutGoal &goal);

/// The weights of a residue that fall to one branch, in equal parts for all branches that an entry may meet.
/// Each entry of the result weighs what one of its branches gets.
Residue spread(const Residue &residue, const Region &region, const Cut &cut, const ir::Table &table);

/// The values of each branch within the values that \p region has.
std::vector<Interval> branchesOf(const Cut &cut, const Region &region);

} // namespace iptlint::tree
