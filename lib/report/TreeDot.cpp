// The DOT form, for Graphviz: one graph with a box around each chain's tree.
#include "report/Dot.h"
#include "report/Tree.h"
#include <fmt/format.h>

namespace iptlint::report {

static std::string leafText(const TreeNode &leaf, const DecisionTree &tree) {
  std::string decision = decisionOf(leaf, tree);
  if (!decision.empty())
    return decision;
  return fmt::format("{} rule{}{}", leaf.ruleCount, leaf.ruleCount == 1 ? "" : "s",
                     leaf.leftAsList ? ", left as a list" : "");
}

static void printNode(const DecisionTree &tree, size_t number, uint32_t id, llvm::raw_ostream &out) {
  const TreeNode &node = tree.nodes[id];
  auto nameOf = [&](uint32_t of) { return fmt::format("t{}n{}", number, of); };
  if (node.branches.empty()) {
    out << "    " << nameOf(id) << " [shape=box, label=" << dotQuoted(leafText(node, tree)) << "];\n";
    return;
  }
  out << "    " << nameOf(id) << " [label=" << dotQuoted(packet::name(node.field).str()) << "];\n";
  for (const TreeGroup &group : groupsOf(node, tree.family))
    out << "    " << nameOf(id) << " -> " << nameOf(group.to) << " [label=" << dotQuoted(group.values) << "];\n";
  out << "    " << nameOf(id) << " -> " << nameOf(node.otherwise) << " [label=\"else\"];\n";
}

static void printTree(const DecisionTree &tree, size_t number, llvm::raw_ostream &out) {
  out << "  subgraph cluster" << number << " {\n    label=" << dotQuoted(tree.table + " " + tree.chain) << ";\n";
  if (!tree.whyNot.empty())
    out << "    t" << number << "n0 [shape=box, label=" << dotQuoted("stays as it is: " + tree.whyNot) << "];\n";
  for (uint32_t id = 0; id != tree.nodes.size(); ++id)
    printNode(tree, number, id, out);
  out << "  }\n";
}

void printTreesDot(const std::vector<DecisionTree> &trees, llvm::raw_ostream &out) {
  out << "digraph iptlint {\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n";
  for (size_t number = 0; number != trees.size(); ++number)
    printTree(trees[number], number, out);
  out << "}\n";
}

} // namespace iptlint::report
