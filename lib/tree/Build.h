// Makes the decision tree of a chain, or of a part of it.
#pragma once

#include "tree/Cuts.h"

namespace iptlint::tree {

/// Nodes and leaves that a tree has at most without being told.
constexpr size_t kUsualNodes = 20'000;

struct BuildOptions {
  CutGoal goal{kLegacyCost, std::nullopt};
  size_t mostNodes = kUsualNodes; ///< leaves are counted
  /// How many rules there may be in all leaves, and branches, together. Regions that would take more stay as they are.
  size_t mostRules = ~size_t(0);
  /// How often a packet may be sent on, where the tree is to be written as rules: to the rest it is not.
  unsigned mostDepth = ~0u;
  FollowLimits follow = {};
};

/// Regions that the most packets gain the most time by are cut first, so that what the budget leaves as lists is what
/// matters least. Regions that leave the same list become one node.
Tree build(const ir::Table &table, packet::Family family, const Stretch &stretch, const BuildOptions &options);

} // namespace iptlint::tree
