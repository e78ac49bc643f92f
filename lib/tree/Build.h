// Makes the decision tree of a built-in chain.
#pragma once

#include "tree/Cuts.h"

namespace iptlint::tree {

/// Nodes and leaves that a tree has at most without being told.
constexpr size_t kUsualNodes = 20'000;

struct BuildOptions {
  CutGoal goal{kLegacyCost, std::nullopt};
  size_t mostNodes = kUsualNodes; ///< leaves are counted
  FollowLimits follow = {};
};

/// \param chain  a built-in chain, by its index.
/// Regions that the most packets gain the most time by are cut first, so that what the budget leaves as lists is what
/// matters least. Regions that leave the same list become one node.
Tree build(const ir::Table &table, packet::Family family, uint32_t chain, const BuildOptions &options);

} // namespace iptlint::tree
