#include "pass/TreeRules.h"
#include "pass/Asking.h"
#include "tree/Key.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::pass {

using ir::TargetKind;
using llvm::StringRef;
using tree::Entry;
using tree::List;
using tree::Node;
using tree::NodeId;
using tree::Truth;

/// What is shared stands in a chain of its own if it is longer.
constexpr size_t kMostWrittenTwice = 4;

// --- words

static bool isTargetOption(StringRef word) {
  static constexpr StringRef options[] = {"-j", "--jump", "-g", "--goto"};
  return llvm::is_contained(options, word);
}

/// The words of the target, which stand last in what iptables-save writes; nothing where they do not.
static std::optional<llvm::ArrayRef<StringRef>> targetWords(const ir::Rule &rule) {
  static constexpr StringRef ofConditions[] = {"-m", "--match", "-s", "-d", "-p", "-i", "-o", "-f", "!"};
  llvm::ArrayRef<StringRef> words = rule.words;
  auto option = llvm::find_if(words, isTargetOption);
  if (option == words.end() || option + 1 == words.end())
    return std::nullopt;
  words = words.drop_front(size_t(option - words.begin()));
  bool isLast = llvm::none_of(words, [](StringRef word) { return llvm::is_contained(ofConditions, word); });
  return isLast ? std::optional(words) : std::nullopt;
}

/// The number of the protocol that a rule asks for; nothing where it asks for none, or for all but one.
static std::optional<unsigned> askedProtocol(const ir::Rule &rule) {
  for (const ir::Test &test : rule.tests)
    if (auto *range = std::get_if<ir::RangeTest>(&test);
        range && range->field == packet::Field::Proto && !range->negated && range->ranges.size() == 1)
      return unsigned(range->ranges.front().lo);
  return std::nullopt;
}

/// A rule of the same target without conditions, but for the protocol, where some targets demand one.
ir::Rule TreeRules::verdictOf(const ir::Rule &rule) const {
  ir::Rule bare;
  bare.at = at;
  bare.target = rule.target;
  if (std::optional<unsigned> protocol = askedProtocol(rule); protocol && rule.target.kind == TargetKind::Verdict) {
    Asking asking = askFor(packet::Field::Proto, {*protocol, *protocol}, std::nullopt, family);
    for (const std::string &word : asking.words)
      bare.words.push_back(strings.save(word));
    bare.tests = asking.tests;
  }
  if (auto words = targetWords(rule))
    llvm::append_range(bare.words, *words);
  else if (rule.target.options.empty())
    llvm::append_range(bare.words, llvm::ArrayRef<StringRef>{"-j", rule.target.name});
  else
    llvm::append_range(bare.words, llvm::ArrayRef<StringRef>{"-j", rule.target.name, rule.target.options});
  return bare;
}

ir::Rule TreeRules::callOf(uint32_t chain, bool isGoto, ir::SourceRange place) const {
  ir::Rule rule;
  rule.at = place;
  rule.target.kind = isGoto ? TargetKind::Goto : TargetKind::Jump;
  rule.target.name = out.chains[chain].name;
  rule.target.chain = chain;
  rule.words = {isGoto ? "-g" : "-j", rule.target.name};
  return rule;
}

/// The rule with another chain to lead to; nothing where that is not its last words.
std::optional<ir::Rule> TreeRules::calling(ir::Rule rule, uint32_t chain) const {
  auto words = targetWords(rule);
  if (!words || words->size() != 2)
    return std::nullopt;
  rule.target.name = out.chains[chain].name;
  rule.target.chain = chain;
  rule.words.back() = rule.target.name;
  return rule;
}

// --- lists

/// Whether what is left of a chain is all of it.
static bool isAsWritten(const List &list, uint32_t chain, const ir::Table &table) {
  const std::vector<ir::Rule> &rules = table.chains[chain].rules;
  if (list.size() != rules.size())
    return false;
  for (size_t r = 0; r != rules.size(); ++r) {
    const Entry &entry = list[r];
    bool isSame =
        entry.rule.chain == chain && entry.rule.rule == r && (entry.met == Truth::Maybe || rules[r].tests.empty());
    if (!isSame || (entry.inner && !isAsWritten(*entry.inner, rules[r].target.chain, table)))
      return false;
  }
  return true;
}

/// The chain for what is left of the one that an entry leads to.
uint32_t TreeRules::chainOf(const Entry &entry, const Way &way) {
  uint32_t callee = written(entry).target.chain;
  if (entry.whole || isAsWritten(*entry.inner, callee, in))
    return callee;
  std::string key = std::to_string(callee) + " " + tree::keyOf(*entry.inner);
  if (auto known = chainOfList.find(key); known != chainOfList.end())
    return known->second;
  Way inside = way.then(llvm::join(written(entry).words, " "));
  uint32_t chain = addChain(callee, inside, {});
  chainOfList[key] = chain;
  Rules rules;
  appendList(rules, *entry.inner, inside);
  out.chains[chain].rules = std::move(rules);
  return chain;
}

ir::Rule TreeRules::ruleOf(const Entry &entry, const Way &way) {
  const ir::Rule &rule = written(entry);
  bool leads = tree::isLeading(rule.target), always = entry.met == Truth::Always;
  if (!leads && always && tree::endsTable(rule.target.kind))
    return verdictOf(rule);
  ir::Rule copy = rule;
  copy.insertNumber = std::nullopt;
  if (!leads)
    return copy;
  uint32_t chain = chainOf(entry, way);
  if (always)
    return callOf(chain, rule.target.kind == TargetKind::Goto, at);
  std::optional<ir::Rule> call = calling(std::move(copy), chain);
  failed |= !call;
  return call.value_or(rule);
}

void TreeRules::appendList(Rules &rules, const List &list, const Way &way) {
  for (const Entry &entry : list) {
    failed |= entry.met == Truth::Never; // what is evaluated for its state alone stands in no tree
    rules.push_back(ruleOf(entry, way));
  }
}

// --- nodes

bool TreeRules::isShared(NodeId id) const {
  const Node &node = tree->nodes[id];
  return waysTo[id] > 1 && (!node.isLeaf() || node.left.list.size() > kMostWrittenTwice);
}

uint32_t TreeRules::addChain(uint32_t of, const Way &way, Rules rules) {
  ir::Chain chain;
  chain.name = strings.save(names.make(in.chains[of].name, way));
  chain.at = in.chains[of].at;
  chain.declared = true;
  if (in.chains[of].counters)
    chain.counters = ir::Counters{};
  chain.rules = std::move(rules);
  out.chains.push_back(std::move(chain));
  return uint32_t(out.chains.size() - 1);
}

uint32_t TreeRules::chainOf(NodeId id, const Way &way) {
  if (!chainOfNode[id]) {
    uint32_t chain = addChain(tree->chain, way, {});
    chainOfNode[id] = chain;
    Rules rules;
    appendNode(rules, id, way);
    out.chains[chain].rules = std::move(rules);
  }
  return *chainOfNode[id];
}

/// What a packet of a branch is told, without the condition: a verdict, to leave the tree, or to go on in a chain.
ir::Rule TreeRules::branchTo(NodeId id, const Way &way) {
  const Node &node = tree->nodes[id];
  if (node.isLeaf() && node.left.list.empty()) {
    ir::Rule leave;
    leave.at = at;
    leave.target.kind = TargetKind::Return;
    leave.target.name = "RETURN";
    leave.words = {"-j", "RETURN"};
    return leave;
  }
  const Entry *only = node.isLeaf() && node.left.list.size() == 1 ? &node.left.list.front() : nullptr;
  if (only && only->met == Truth::Always) {
    const ir::Rule &rule = written(*only);
    if (tree::endsTable(rule.target.kind))
      return verdictOf(rule);
    if (tree::isLeading(rule.target)) // at its end nothing is left to do
      return callOf(chainOf(*only, way), /*isGoto=*/true, at);
  }
  return callOf(chainOf(id, way), /*isGoto=*/true, at);
}

/// A condition in front of a rule that has none, or but for a protocol.
static void ask(ir::Rule &rule, const Asking &asking, llvm::StringSaver &strings) {
  bool both = llvm::is_contained(asking.words, "-p") && llvm::is_contained(rule.words, "-p");
  if (both) {
    rule.words.erase(rule.words.begin(), rule.words.begin() + 2);
    rule.tests.clear();
  }
  std::vector<StringRef> words;
  for (const std::string &word : asking.words)
    words.push_back(strings.save(word));
  rule.words.insert(rule.words.begin(), words.begin(), words.end());
  rule.tests.insert(rule.tests.begin(), asking.tests.begin(), asking.tests.end());
}

/// Those that get the most packets in front.
void TreeRules::appendBranches(Rules &rules, const Node &node, const Way &way) {
  std::vector<tree::Branch> branches;
  for (const tree::Branch &branch : node.branches)
    if (branch.to != *node.rest)
      branches.push_back(branch);
  llvm::stable_sort(branches,
                    [](const tree::Branch &one, const tree::Branch &other) { return one.share > other.share; });
  for (const tree::Branch &branch : branches) {
    Asking asking = askFor(node.field, branch.values, node.protocol, family);
    ir::Rule rule = branchTo(branch.to, way.then(asking.name));
    ask(rule, asking, strings);
    rules.push_back(std::move(rule));
  }
}

void TreeRules::appendNode(Rules &rules, NodeId id, Way way) {
  while (!tree->nodes[id].isLeaf()) {
    const Node &node = tree->nodes[id];
    appendBranches(rules, node, way);
    way = way.otherwise(packet::name(node.field));
    id = *node.rest;
    if (isShared(id)) {
      rules.push_back(callOf(chainOf(id, way), /*isGoto=*/true, at));
      return;
    }
  }
  appendList(rules, tree->nodes[id].left.list, way);
}

std::optional<std::vector<ir::Rule>> TreeRules::write(const tree::Tree &of, const Way &way, ir::SourceRange place) {
  tree = &of;
  at = place;
  failed = false;
  chainOfNode.assign(of.nodes.size(), std::nullopt);
  chainOfList.clear();
  waysTo.assign(of.nodes.size(), 0);
  for (const Node &node : of.nodes) {
    llvm::SmallVector<NodeId, 8> children;
    for (const tree::Branch &branch : node.branches)
      children.push_back(branch.to);
    llvm::sort(children);
    children.erase(std::unique(children.begin(), children.end()), children.end());
    for (NodeId child : children)
      ++waysTo[child];
  }
  Rules rules;
  appendNode(rules, of.root, way);
  return failed ? std::nullopt : std::optional(std::move(rules));
}

} // namespace iptlint::pass
