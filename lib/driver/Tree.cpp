#include "driver/Tree.h"
#include "driver/Options.h"
#include "driver/ReadWhole.h"
#include "report/Line.h"
#include "report/Tree.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::driver {

using report::DecisionTree;
using report::TreeRule;

// --- from the tree to what is printed

static std::vector<TreeRule> rulesOf(const tree::List &list, const ir::Ruleset &ruleset, const ir::Table &table) {
  std::vector<TreeRule> rules;
  for (const tree::Entry &entry : list) {
    const ir::Chain &chain = table.chains[entry.rule.chain];
    const ir::Rule &rule = chain.rules[entry.rule.rule];
    TreeRule &out = rules.emplace_back();
    out.chain = chain.name.str();
    out.rule = entry.rule.rule + 1;
    out.line = ruleset.lineColumn(rule.at).line;
    out.text = llvm::join(rule.words, " ");
    out.condition = entry.met == tree::Truth::Always  ? TreeRule::Condition::Met
                    : entry.met == tree::Truth::Maybe ? TreeRule::Condition::Tried
                                                      : TreeRule::Condition::Evaluated;
    out.leads = tree::isLeading(rule.target);
    out.whole = entry.whole;
    if (entry.met == tree::Truth::Always && tree::endsTable(rule.target.kind))
      out.verdict = tree::verdictOf(rule.target);
    if (entry.inner)
      out.inside = rulesOf(*entry.inner, ruleset, table);
  }
  return rules;
}

static report::TreeNode nodeOf(const tree::Node &node, const ir::Ruleset &ruleset, const ir::Table &table) {
  report::TreeNode out;
  out.field = node.field;
  for (const tree::Branch &branch : node.branches)
    out.branches.push_back({branch.values.lo, branch.values.hi, branch.to});
  if (!node.isLeaf()) {
    out.otherwise = tree::otherwise(node);
    return out;
  }
  out.rules = rulesOf(node.left.list, ruleset, table);
  out.ruleCount = tree::sizeOf(node.left.list);
  out.leftAsList = node.reason == tree::LeafReason::Budget;
  return out;
}

static report::TreeEffort effortOf(const tree::Effort &effort, const tree::CostModel &cost) {
  return {effort.expected.rules, effort.worst.rules, effort.expected.nanoseconds(cost), effort.worst.nanoseconds(cost)};
}

/// Children come before their parents.
static size_t depthOf(const tree::Tree &tree) {
  std::vector<size_t> depths;
  for (const tree::Node &node : tree.nodes) {
    size_t depth = 0;
    for (const tree::Branch &branch : node.branches)
      depth = std::max(depth, depths[branch.to] + 1);
    depths.push_back(depth);
  }
  return depths[tree.root];
}

static void measure(const tree::Tree &tree, const ir::Table &table, const tree::Calls &calls,
                    const tree::CostModel &cost, DecisionTree &out) {
  tree::Weights weights(table);
  tree::WrittenCost written(table, weights, calls);
  out.before = effortOf(written.of(tree.chain), cost);
  out.after = effortOf(tree::costOf(tree, table, written)[tree.root], cost);
  out.byCounters = weights.fromCounters();
  out.depth = depthOf(tree);
  for (const tree::Node &node : tree.nodes) {
    out.leaves += node.isLeaf();
    out.width = std::max(out.width, node.branches.size());
  }
}

static std::string policyText(ir::Policy policy) {
  return policy == ir::Policy::Accept ? "ACCEPT" : policy == ir::Policy::Drop ? "DROP" : "policy";
}

static DecisionTree treeOf(const ir::Ruleset &ruleset, const ir::Table &table, uint32_t chain,
                           const TreeOptions &options) {
  tree::Calls calls = tree::callsFrom(table, chain);
  tree::Tree tree = tree::build(table, ruleset.family, tree::Stretch::all(table, chain), options.build);
  DecisionTree out;
  out.path = ruleset.source->path().str();
  out.table = table.name.str();
  out.chain = table.chains[chain].name.str();
  out.family = ruleset.family;
  out.policy = policyText(table.chains[chain].policy);
  out.rules = calls.rules;
  out.chains = calls.calleesFirst.size();
  out.whyNot = tree.whyNot;
  out.root = tree.root;
  for (const tree::Node &node : tree.nodes)
    out.nodes.push_back(nodeOf(node, ruleset, table));
  if (tree.whyNot.empty())
    measure(tree, table, calls, options.build.goal.cost, out);
  return out;
}

// --- the flow

static bool isAskedFor(const ir::Table &table, const ir::Chain &chain, const TreeOptions &options) {
  return chain.hook && !table.replaced && (options.table.empty() || options.table == table.name) &&
         (options.chain.empty() || options.chain == chain.name);
}

static std::vector<DecisionTree> treesOf(const std::vector<ir::Ruleset> &rulesets, const TreeOptions &options) {
  std::vector<DecisionTree> trees;
  for (const ir::Ruleset &ruleset : rulesets)
    for (const ir::Table &table : ruleset.tables)
      for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
        if (isAskedFor(table, table.chains[chain], options))
          trees.push_back(treeOf(ruleset, table, chain, options));
  return trees;
}

static void print(const std::vector<DecisionTree> &trees, TreeFormat format, llvm::raw_ostream &out) {
  switch (format) {
  case TreeFormat::Text:
    return report::printTrees(trees, out);
  case TreeFormat::Dot:
    return report::printTreesDot(trees, out);
  case TreeFormat::Json:
    return report::printTreesJson(trees, out);
  }
}

/// What keeps the file from being answered about at all; empty: nothing.
static std::string whyRefused(const std::vector<ir::Ruleset> &rulesets, const TreeOptions &options) {
  bool chosen = false;
  for (const ir::Ruleset &ruleset : rulesets)
    for (const ir::Table &table : ruleset.tables) {
      if (table.fragment)
        return "no chain is declared, so other rules may stand before these; no tree can be made of them";
      for (const ir::Chain &chain : table.chains)
        chosen |= isAskedFor(table, chain, options);
    }
  if (chosen || (options.table.empty() && options.chain.empty()))
    return "";
  return "there is no built-in chain " + options.chain + (options.chain.empty() ? "" : " ") + "in " +
         (options.table.empty() ? "any table" : "table " + options.table);
}

int runTree(const TreeOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::optional<parse::ParsedRules> parsed = readWhole(options.input, options.rules, err);
  if (!parsed)
    return kExitUnreadable;
  if (std::string why = whyRefused(parsed->rulesets, options); !why.empty()) {
    err << "iptlint: " << report::printable(options.input + ": " + why) << "\n";
    return kExitUnreadable;
  }
  std::vector<DecisionTree> trees = treesOf(parsed->rulesets, options);
  print(trees, options.format, out);
  bool anyLeft = llvm::any_of(trees, [](const DecisionTree &tree) { return !tree.whyNot.empty(); });
  for (const DecisionTree &tree : trees)
    if (!tree.whyNot.empty())
      err << "iptlint: " << report::printable(tree.table + " " + tree.chain + " stays as it is: " + tree.whyNot)
          << "\n";
  return anyLeft ? kExitUndecided : kExitClean;
}

} // namespace iptlint::driver
