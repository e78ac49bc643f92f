#include "tree/Tree.h"
#include <algorithm>
#include <map>

namespace iptlint::tree {

NodeId otherwise(const Node &node) {
  if (node.rest)
    return *node.rest;
  std::map<NodeId, unsigned> intervals;
  for (const Branch &branch : node.branches)
    ++intervals[branch.to];
  auto most = std::max_element(node.branches.begin(), node.branches.end(), [&](const Branch &one, const Branch &other) {
    return intervals[one.to] < intervals[other.to];
  });
  return most->to;
}

} // namespace iptlint::tree
