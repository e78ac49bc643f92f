// Decision trees as text, DOT and JSON.
#pragma once

#include "packet/Field.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace iptlint::report {

/// A rule in a leaf.
struct TreeRule {
  enum class Condition : uint8_t {
    Met,       ///< by every packet that comes to the leaf
    Tried,     ///< as it is written
    Evaluated, ///< is not met, but what keeps state in it acts
  };
  std::string chain;
  unsigned rule = 0; ///< from 1
  unsigned line = 0;
  std::string text;    ///< its words
  std::string verdict; ///< where it surely ends the table: "ACCEPT"
  Condition condition = Condition::Tried;
  bool leads = false;           ///< a jump or goto
  bool whole = false;           ///< to the chain as it is written
  std::vector<TreeRule> inside; ///< else: what is left of that chain
};

struct TreeBranch {
  packet::Value lo = 0, hi = 0; ///< both inclusive
  uint32_t to = 0;              ///< index into the nodes
};

struct TreeNode {
  packet::Field field = packet::Field::Hook;
  std::vector<TreeBranch> branches; ///< none: a leaf
  uint32_t otherwise = 0;           ///< where "everything else" leads
  std::vector<TreeRule> rules;      ///< of a leaf
  size_t ruleCount = 0;             ///< of a leaf, those inside of jumps included
  bool leftAsList = false;          ///< a leaf that the budget of nodes ended at
};

/// Of a packet: visited rules and entered chains, expected and at most.
struct TreeEffort {
  double rules = 0, worstRules = 0;
  double nanoseconds = 0, worstNanoseconds = 0;
};

struct DecisionTree {
  std::string path, table, chain;
  packet::Family family = packet::Family::IPv4;
  std::string policy; ///< "DROP"; "policy" where it is not stated
  size_t rules = 0;   ///< of the chain and all that it leads to
  size_t chains = 0;  ///< likewise, itself included
  std::vector<TreeNode> nodes;
  uint32_t root = 0;
  size_t depth = 0; ///< the most tests on a way to a leaf
  size_t width = 0; ///< the most branches of a node
  size_t leaves = 0;
  TreeEffort before, after;
  bool byCounters = false; ///< expectations are by the rules' counters
  std::string whyNot;      ///< why there is none; empty: there is
};

void printTrees(const std::vector<DecisionTree> &trees, llvm::raw_ostream &out);
void printTreesDot(const std::vector<DecisionTree> &trees, llvm::raw_ostream &out);
void printTreesJson(const std::vector<DecisionTree> &trees, llvm::raw_ostream &out);

/// "1,234 rules in 3 parts" of what the budget of nodes left as lists; empty if it left none.
std::string leftAsLists(const DecisionTree &tree);

/// "DROP (policy)", "ACCEPT": what a leaf decides that has nothing else to do; empty if it has.
std::string decisionOf(const TreeNode &leaf, const DecisionTree &tree);

/// The branches of a node but for "everything else": those to one node together, in the order of their first values.
struct TreeGroup {
  std::string values; ///< "22, 80-81"
  uint32_t to = 0;
};
std::vector<TreeGroup> groupsOf(const TreeNode &node, packet::Family family);

} // namespace iptlint::report
