// A tree, written as rules in chains.
//
// A node is a chain: a rule for each branch that can be asked for, which sends packets on with -g, and behind them, in
// the same chain, what is to be done with all others. Where a packet comes to the end of a leaf, it leaves all of these
// chains at once, since none of them is called with -j.
#pragma once

#include "pass/ChainNames.h"
#include "tree/Tree.h"
#include "llvm/Support/StringSaver.h"
#include <map>

namespace iptlint::pass {

class TreeRules {
public:
  /// \param in    what the tree was made of; \param out  gets the chains, behind those that \p in has.
  TreeRules(const ir::Table &in, ir::Table &out, ChainNames &names, llvm::StringSaver &strings, packet::Family family)
      : in(in), out(out), names(names), strings(strings), family(family) {}

  /// The rules of the root. They may stand in the chain itself where nothing stands behind them.
  /// \param at  where in the text the tree takes the place of rules.
  /// \returns nothing where a condition is written in a way that no other target can be put behind it; the chains
  ///          that were made are then of no use.
  std::optional<std::vector<ir::Rule>> write(const tree::Tree &tree, const Way &way, ir::SourceRange at);

  /// A chain of these rules, named for a part of \p chain.
  uint32_t addChain(uint32_t chain, const Way &way, std::vector<ir::Rule> rules);

  /// -j or -g to a chain, without a condition.
  ir::Rule callOf(uint32_t chain, bool isGoto, ir::SourceRange at) const;

private:
  using Rules = std::vector<ir::Rule>;

  void appendNode(Rules &rules, tree::NodeId node, Way way);
  void appendBranches(Rules &rules, const tree::Node &node, const Way &way);
  void appendList(Rules &rules, const tree::List &list, const Way &way);
  ir::Rule branchTo(tree::NodeId node, const Way &way);
  ir::Rule ruleOf(const tree::Entry &entry, const Way &way);
  ir::Rule verdictOf(const ir::Rule &rule) const;
  std::optional<ir::Rule> calling(ir::Rule rule, uint32_t chain) const;
  uint32_t chainOf(tree::NodeId node, const Way &way);
  uint32_t chainOf(const tree::Entry &entry, const Way &way);
  bool isShared(tree::NodeId node) const;
  const ir::Rule &written(const tree::Entry &entry) const { return in.chains[entry.rule.chain].rules[entry.rule.rule]; }

  const ir::Table &in;
  ir::Table &out;
  ChainNames &names;
  llvm::StringSaver &strings;
  packet::Family family;

  const tree::Tree *tree = nullptr;
  ir::SourceRange at;
  bool failed = false;
  std::vector<std::optional<uint32_t>> chainOfNode;
  std::vector<unsigned> waysTo;                ///< by node: how many nodes lead there
  std::map<std::string, uint32_t> chainOfList; ///< of what is left of called chains
};

} // namespace iptlint::pass
