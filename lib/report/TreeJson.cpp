// The JSON form: nodes are listed, and branches name them by their ids, since a tree that shares nodes would grow
// without end if they were written one inside the other.
#include "report/JsonWriter.h"
#include "report/Tree.h"
#include "report/Values.h"

namespace iptlint::report {

static llvm::StringRef name(TreeRule::Condition condition) {
  switch (condition) {
  case TreeRule::Condition::Met:
    return "met";
  case TreeRule::Condition::Tried:
    return "tried";
  case TreeRule::Condition::Evaluated:
    return "evaluated";
  }
  return "";
}

static void writeRules(JsonWriter &json, llvm::StringRef key, const std::vector<TreeRule> &rules) {
  json.attributeArray(key, [&] {
    for (const TreeRule &rule : rules)
      json.object([&] {
        if (!rule.verdict.empty()) {
          json.attribute("verdict", rule.verdict);
          return;
        }
        json.attribute("chain", rule.chain);
        json.attribute("rule", rule.rule);
        json.attribute("line", rule.line);
        json.attribute("condition", name(rule.condition));
        if (rule.whole)
          json.attribute("whole", true);
        else if (rule.leads && rule.condition != TreeRule::Condition::Evaluated)
          writeRules(json, "inside", rule.inside);
      });
  });
}

static void writeBranches(JsonWriter &json, const TreeNode &node, packet::Family family) {
  json.attribute("field", packet::name(node.field));
  json.attributeArray("branches", [&] {
    for (const TreeBranch &branch : node.branches)
      json.object([&] {
        json.attribute("from", valueText(node.field, branch.lo, family));
        json.attribute("to", valueText(node.field, branch.hi, family));
        json.attribute("node", branch.to);
      });
  });
}

static void writeNodes(JsonWriter &json, const DecisionTree &tree) {
  json.attributeArray("graph", [&] {
    for (size_t id = 0; id != tree.nodes.size(); ++id)
      json.object([&] {
        const TreeNode &node = tree.nodes[id];
        json.attribute("id", id);
        if (node.branches.empty())
          writeRules(json, "rules", node.rules);
        else
          writeBranches(json, node, tree.family);
      });
  });
}

static void writeLeftAsList(JsonWriter &json, const DecisionTree &tree) {
  json.attributeArray("left_as_list", [&] {
    if (!tree.whyNot.empty())
      json.object([&] {
        json.attribute("node", nullptr);
        json.attribute("rules", tree.rules);
        json.attribute("why", tree.whyNot);
      });
    for (size_t id = 0; id != tree.nodes.size(); ++id)
      if (tree.nodes[id].leftAsList)
        json.object([&] {
          json.attribute("node", id);
          json.attribute("rules", tree.nodes[id].ruleCount);
          json.attribute("why", "the tree has as many nodes as it may have");
        });
  });
}

static void writeMeasures(JsonWriter &json, const DecisionTree &tree) {
  json.attribute("depth", tree.depth);
  json.attribute("width", tree.width);
  json.attribute("nodes", tree.nodes.size());
  json.attribute("leaves", tree.leaves);
  json.attribute("expected_visits", tree.after.rules);
  json.attribute("worst_visits", uint64_t(tree.after.worstRules));
  json.attribute("expected_ns", tree.after.nanoseconds);
  json.attribute("by_counters", tree.byCounters);
  json.attributeObject("before", [&] {
    json.attribute("expected", tree.before.rules);
    json.attribute("worst", uint64_t(tree.before.worstRules));
    json.attribute("expected_ns", tree.before.nanoseconds);
  });
}

static void writeTree(JsonWriter &json, const DecisionTree &tree) {
  json.object([&] {
    json.attribute("path", tree.path);
    json.attribute("table", tree.table);
    json.attribute("chain", tree.chain);
    json.attribute("family", unsigned(tree.family));
    json.attribute("policy", tree.policy);
    if (tree.whyNot.empty())
      writeMeasures(json, tree);
    writeLeftAsList(json, tree);
    json.name("root");
    if (tree.whyNot.empty())
      json.value(tree.root);
    else
      json.value(nullptr);
    writeNodes(json, tree);
  });
}

void printTreesJson(const std::vector<DecisionTree> &trees, llvm::raw_ostream &out) {
  JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeArray("trees", [&] {
      for (const DecisionTree &tree : trees)
        writeTree(json, tree);
    });
  });
  out << "\n";
}

} // namespace iptlint::report
