// Which rules of a chain may become a tree, and which stay as they are written, once and in their place.
#pragma once

#include "tree/Residual.h"

namespace iptlint::pass {

/// By chain: calls of it are never replaced by what is in it. It holds rules that may stand in one place alone, or a
/// program fills it, or fails to find it.
std::vector<bool> closedChains(const ir::Table &table);

/// Rules of a chain that stand one behind the other.
struct Section {
  tree::Stretch rules;
  bool mayBeTree = false; ///< else they stay as they are
};

/// All rules of a chain. \param closed  as closedChains() has it.
/// These stay: what keeps state, only counts or is not modelled; effects and calls of closed chains that all packets
/// get; what accepts established connections in front of all else, since most packets need no other rule; and where
/// something stands behind, or a program may add it, what leaves the chain.
std::vector<Section> sectionsOf(const ir::Table &table, uint32_t chain, const std::vector<bool> &closed);

} // namespace iptlint::pass
