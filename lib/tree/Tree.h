// A decision tree of a chain, or of rules that stand one behind the other in it, and all that they lead to: plain data.
//
// A node tests one field of the packet as it enters the table; its branches are intervals that lie side by side and
// cover every value of the field, so that no packet falls through. A leaf holds a list of rules (Residual.h); an empty
// one is the policy, one with a single verdict is that. Several branches may lead to one node: the tree is a graph
// without cycles.
//
// The tree stands for the chain and is not trusted: who writes rules from it proves them.
#pragma once

#include "tree/Residual.h"

namespace iptlint::tree {

using NodeId = uint32_t;

struct Branch {
  Interval values; ///< both ends inclusive
  NodeId to = 0;
  double share = 0; ///< of the packets that come to the node, as the weights estimate; all together 1
};

/// Why a leaf is not cut any further.
enum class LeafReason : uint8_t {
  Done,   ///< no cut would make it cheaper, or none would tell its rules apart
  Budget, ///< a cut would have been worth it, but the tree has as many nodes as it may have
  Depth,  ///< likewise, but chains may not be nested deeper
};

struct Node {
  Field field = Field::Hook;    ///< what a node tests
  std::vector<Branch> branches; ///< in the order of their values; a leaf has none
  /// Of a tree that is made to be written as rules (CutGoal::asRules): the node that takes what no rule asks for, and
  /// whatever lacks the header that the field is in (isOfHeader), which has any value in it. It is led to by at least
  /// one branch; of each other branch a rule can ask for the values.
  std::optional<NodeId> rest = std::nullopt;
  std::optional<unsigned> protocol = std::nullopt; ///< that of all packets that come here, where the field asks for one
  Residue left;                                    ///< of a leaf
  LeafReason reason = LeafReason::Done;

  bool isLeaf() const { return branches.empty(); }
};

/// Where what is not tested for goes, as "everything else": the rest, where the node has one, else the node that most
/// intervals lead to, of several such the first.
NodeId otherwise(const Node &node);

struct Tree {
  uint32_t chain = 0;      ///< by its index in the table
  std::vector<Node> nodes; ///< children before their parents. Empty: see whyNot
  NodeId root = 0;
  std::string whyNot; ///< why the chain stays as it is (Calls.h); empty: it is a tree
};

} // namespace iptlint::tree
