// The text form, for people: nested as the tree is, each node that is shared written once.
#include "report/Tree.h"
#include "report/Line.h"
#include "report/Values.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::report {

/// "1,234".
static std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

static std::string groupedCount(size_t count, const char *what) {
  return grouped(count) + " " + what + (count == 1 ? "" : "s");
}

std::string leftAsLists(const DecisionTree &tree) {
  size_t parts = 0, rules = 0;
  for (const TreeNode &node : tree.nodes)
    if (node.leftAsList) {
      ++parts;
      rules += node.ruleCount;
    }
  return parts == 0 ? "" : groupedCount(rules, "rule") + " in " + groupedCount(parts, "part");
}

std::string decisionOf(const TreeNode &leaf, const DecisionTree &tree) {
  if (leaf.rules.empty())
    return tree.policy == "policy" ? tree.policy : tree.policy + " (policy)";
  return leaf.rules.size() == 1 ? leaf.rules.front().verdict : "";
}

std::vector<TreeGroup> groupsOf(const TreeNode &node, packet::Family family) {
  std::vector<TreeGroup> groups;
  std::map<uint32_t, size_t> groupOf;
  for (const TreeBranch &branch : node.branches) {
    if (branch.to == node.otherwise)
      continue;
    std::string text = valuesText(node.field, branch.lo, branch.hi, family);
    auto [group, isNew] = groupOf.try_emplace(branch.to, groups.size());
    if (isNew)
      groups.push_back({text, branch.to});
    else
      groups[group->second].values += ", " + text;
  }
  return groups;
}

namespace {

class TreePrinter {
public:
  TreePrinter(const DecisionTree &tree, llvm::raw_ostream &out) : tree(tree), out(out), ways(tree.nodes.size()) {}
  void run();

private:
  void heading();
  void visits();
  /// A node waits to be printed behind `values` of its parent's field.
  struct Waiting {
    unsigned depth;
    std::string values;
    uint32_t node;
  };
  void countWays();
  void node(const Waiting &waiting, std::vector<Waiting> &open);
  void leaf(const TreeNode &leaf, unsigned depth);
  void rules(const std::vector<TreeRule> &rules, unsigned depth);

  const DecisionTree &tree;
  llvm::raw_ostream &out;
  std::vector<unsigned> ways;           ///< by node: how many values of other nodes lead there
  std::map<uint32_t, unsigned> numbers; ///< of shared nodes that are printed
};

} // namespace

static std::string visitsText(const TreeEffort &effort) {
  constexpr double kCountable = 1e15;
  std::string worst = effort.worstRules < kCountable ? grouped(uint64_t(effort.worstRules)) : "more than can be counted";
  return fmt::format("{:.1f} rules expected, {} at most; about {:.0f} ns", effort.rules, worst, effort.nanoseconds);
}

void TreePrinter::visits() {
  out << "  a packet visits: " << visitsText(tree.after) << "\n"
      << "  as written:      " << visitsText(tree.before) << "\n";
  if (std::string left = leftAsLists(tree); !left.empty())
    out << "  left as a list: " << left << ", where more nodes are needed than the tree may have (--nodes)\n";
}

void TreePrinter::heading() {
  out << printable(tree.path) << ": " << printable(tree.table) << " " << printable(tree.chain) << ": "
      << groupedCount(tree.rules, "rule") << " in " << groupedCount(tree.chains, "chain");
  if (!tree.whyNot.empty()) {
    out << "; stays as it is: " << printable(tree.whyNot) << "\n";
    return;
  }
  size_t tests = tree.nodes.size() - tree.leaves;
  out << ": " << groupedCount(tests, "test") << " and " << (tree.leaves == 1 ? "1 leaf" : grouped(tree.leaves) + " leaves")
      << ", depth " << tree.depth << ", width " << tree.width << (tree.byCounters ? ", by counters" : "") << "\n";
}

void TreePrinter::countWays() {
  for (const TreeNode &node : tree.nodes) {
    std::map<uint32_t, bool> seen;
    for (const TreeBranch &branch : node.branches)
      ways[branch.to] += seen.try_emplace(branch.to, true).second;
  }
}

static std::string ruleText(const TreeRule &rule) {
  std::string text = fmt::format("{} rule {} (line {}): {}", rule.chain, rule.rule, rule.line, rule.text);
  if (rule.condition == TreeRule::Condition::Met)
    text += rule.verdict.empty() ? "  [matches]" : "";
  else if (rule.condition == TreeRule::Condition::Evaluated)
    text += "  [does not match, but its state is asked]";
  return text + (rule.whole ? "  [as it is written]" : "");
}

void TreePrinter::rules(const std::vector<TreeRule> &rules, unsigned depth) {
  for (const TreeRule &rule : rules) {
    out.indent(2 * depth) << printable(rule.verdict.empty() ? ruleText(rule) : rule.verdict) << "\n";
    this->rules(rule.inside, depth + 1);
  }
}

void TreePrinter::leaf(const TreeNode &leaf, unsigned depth) {
  if (std::string decision = decisionOf(leaf, tree); !decision.empty()) {
    out << printable(decision) << "\n";
    return;
  }
  out << groupedCount(leaf.ruleCount, "rule") << (leaf.leftAsList ? ", left as a list" : "") << "\n";
  rules(leaf.rules, depth + 1);
  if (leaf.rules.back().verdict.empty())
    out.indent(2 * depth + 2) << tree.policy << (tree.policy == "policy" ? "" : " (policy)") << "\n";
}

void TreePrinter::node(const Waiting &waiting, std::vector<Waiting> &open) {
  const TreeNode &node = tree.nodes[waiting.node];
  out.indent(2 * waiting.depth) << printable(waiting.values) << (waiting.values.empty() ? "" : ": ");
  bool isDecision = node.branches.empty() && !decisionOf(node, tree).empty();
  if (ways[waiting.node] > 1 && !isDecision) {
    auto [number, isNew] = numbers.try_emplace(waiting.node, unsigned(numbers.size() + 1));
    out << (isNew ? "" : "see ") << "#" << number->second << (isNew ? " " : "\n");
    if (!isNew)
      return;
  }
  if (node.branches.empty())
    return leaf(node, waiting.depth);
  out << packet::name(node.field) << "\n";
  open.push_back({waiting.depth + 1, "else", node.otherwise});
  std::vector<TreeGroup> groups = groupsOf(node, tree.family);
  for (auto group = groups.rbegin(); group != groups.rend(); ++group)
    open.push_back({waiting.depth + 1, group->values, group->to});
}

void TreePrinter::run() {
  heading();
  if (!tree.whyNot.empty())
    return;
  visits();
  countWays();
  std::vector<Waiting> open{{1, "", tree.root}};
  while (!open.empty()) {
    Waiting next = std::move(open.back());
    open.pop_back();
    node(next, open);
  }
}

void printTrees(const std::vector<DecisionTree> &trees, llvm::raw_ostream &out) {
  for (const DecisionTree &tree : trees) {
    if (&tree != &trees.front())
      out << "\n";
    TreePrinter(tree, out).run();
  }
}

} // namespace iptlint::report
