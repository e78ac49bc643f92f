// Which field to test at a node, and where to cut it.
#pragma once

#include "tree/Cost.h"

namespace iptlint::tree {

/// Values of a field that a cut sets apart.
struct Part {
  Interval values; ///< both ends inclusive
  /// Goes, with all such parts of the cut, to one branch that is not tested for: it gets what no other branch takes.
  bool rest = false;
};

struct Cut {
  Field field = Field::Hook;
  std::vector<Part> parts; ///< side by side, all values of the field together
  double gain = 0;         ///< nanoseconds that a packet is expected to save
  double standing = 0;     ///< how many rules there will be in all branches together, about
};

/// What a cut is to be good for.
struct CutGoal {
  CostModel cost;
  /// Lists of more rules than this are cut wherever that tells two of their rules apart, whatever it costs; none: where
  /// it saves time.
  std::optional<size_t> mostRules;
  /// Cuts are to be written as rules: each has a rest, and what is no rest one cheap condition can ask for (Askable.h).
  bool asRules = false;
  /// How much a cut is dearer that repeats rules: by this power of how often they stand in a branch on average. Without
  /// any, sets with many wildcards spend the budget on copies.
  double dearness = 0.15;
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

/// How many branches a cut makes.
size_t branchesOf(const Cut &cut);

} // namespace iptlint::tree
