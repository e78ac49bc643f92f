// Best first: a queue of regions that a cut would help, the most helpful in front.
#include "tree/Build.h"
#include "tree/Key.h"
#include "llvm/ADT/STLExtras.h"
#include <queue>
#include <unordered_map>

namespace iptlint::tree {

namespace {

/// A region with what is left in it: a leaf until it is cut.
struct Item {
  Region region;
  Residue left;
  std::optional<Cut> cut;            ///< that is worth making, or was made
  std::vector<Branch> branches = {}; ///< to other items, once it was made
};

/// Items are known by their number; of two that are worth the same the earlier one goes first.
struct Waiting {
  double worth;
  uint32_t item;
  bool operator<(const Waiting &other) const { return std::tie(worth, other.item) < std::tie(other.worth, item); }
};

class Builder {
public:
  Builder(const ir::Table &table, uint32_t chain, const Calls &calls, const BuildOptions &options)
      : table(table), chain(chain), options(options), weights(table), written(table, weights, calls),
        residual(table, weights, options.follow) {}

  Tree run(packet::Family family);

private:
  uint32_t itemFor(Region region, Residue left);
  void expand(uint32_t item);

  const ir::Table &table;
  uint32_t chain;
  const BuildOptions &options;
  Weights weights;
  WrittenCost written;
  Residual residual;
  std::vector<Item> items;
  std::unordered_map<std::string, uint32_t> known; ///< items by their keys
  std::priority_queue<Waiting> queue;
};

/// The items as nodes, each once: children first, equal ones merged, those that decide nothing left out.
class Gathering {
public:
  explicit Gathering(const std::vector<Item> &items) : items(items), nodeOf(items.size()) {}
  void run(uint32_t root, Tree &tree);

private:
  bool allDone(const Item &item, std::vector<uint32_t> &open) const;
  NodeId leaf(const Item &item);
  NodeId inner(const Item &item);
  NodeId add(std::string key, Node node);

  const std::vector<Item> &items;
  std::vector<std::optional<NodeId>> nodeOf;
  std::unordered_map<std::string, NodeId> known;
  std::vector<Node> nodes;
};

} // namespace

// --- growing

uint32_t Builder::itemFor(Region region, Residue left) {
  auto [entry, isNew] = known.try_emplace(keyOf(left.list, region, table), uint32_t(items.size()));
  if (!isNew)
    return entry->second;
  std::optional<Cut> cut = bestCut(left, region, table, written, options.goal);
  if (cut)
    queue.push({weightOf(left, table, written) * cut->gain, uint32_t(items.size())});
  items.push_back({std::move(region), std::move(left), std::move(cut)});
  return uint32_t(items.size() - 1);
}

/// Cuts a region. Branches that lead to the same item become one; the outermost reach to the ends of the field.
void Builder::expand(uint32_t index) {
  Region region = items[index].region;
  Cut cut = *items[index].cut;
  Residue parts = spread(items[index].left, region, cut, table);
  std::vector<Branch> branches;
  double all = 0;
  for (Interval values : branchesOf(cut, region)) {
    Region inside = region;
    inside.narrow(cut.field, values);
    Residue left = residual.within(parts, chain, inside);
    double weight = weightOf(left, table, written);
    uint32_t to = itemFor(std::move(inside), std::move(left));
    all += weight;
    if (branches.empty() || branches.back().to != to)
      branches.push_back({values, to, weight});
    else
      branches.back().values.hi = values.hi, branches.back().share += weight;
  }
  branches.front().values.lo = 0;
  branches.back().values.hi = region.whole(cut.field).hi;
  for (Branch &branch : branches)
    branch.share /= all;
  items[index].branches = std::move(branches);
  items[index].left = {};
}

Tree Builder::run(packet::Family family) {
  Region root(family, *table.chains[chain].hook);
  uint32_t first = itemFor(root, residual.ofChain(chain, root));
  while (!queue.empty()) {
    uint32_t next = queue.top().item;
    if (items.size() + items[next].cut->starts.size() + 1 > options.mostNodes)
      break;
    queue.pop();
    expand(next);
  }
  Tree tree;
  tree.chain = chain;
  Gathering(items).run(first, tree);
  return tree;
}

// --- gathering

NodeId Gathering::add(std::string key, Node node) {
  auto [entry, isNew] = known.try_emplace(std::move(key), NodeId(nodes.size()));
  if (isNew)
    nodes.push_back(std::move(node));
  return entry->second;
}

NodeId Gathering::leaf(const Item &item) {
  Node node;
  node.left = item.left;
  node.reason = item.cut ? LeafReason::Budget : LeafReason::Done;
  return add((item.cut ? "b" : "l") + keyOf(item.left.list), std::move(node));
}

static void append(std::string &key, const Branch &branch) {
  key.append(reinterpret_cast<const char *>(&branch.values), sizeof branch.values);
  key.append(reinterpret_cast<const char *>(&branch.to), sizeof branch.to);
}

NodeId Gathering::inner(const Item &item) {
  Node node;
  node.field = item.cut->field;
  std::string key = "n" + std::string(1, char(node.field));
  for (Branch branch : item.branches) {
    branch.to = *nodeOf[branch.to];
    if (!node.branches.empty() && node.branches.back().to == branch.to) {
      node.branches.back().values.hi = branch.values.hi;
      node.branches.back().share += branch.share;
    } else
      node.branches.push_back(branch);
  }
  if (node.branches.size() == 1)
    return node.branches.front().to;
  for (const Branch &branch : node.branches)
    append(key, branch);
  return add(std::move(key), std::move(node));
}

bool Gathering::allDone(const Item &item, std::vector<uint32_t> &open) const {
  size_t before = open.size();
  for (const Branch &branch : item.branches)
    if (!nodeOf[branch.to])
      open.push_back(branch.to);
  return open.size() == before;
}

void Gathering::run(uint32_t root, Tree &tree) {
  std::vector<uint32_t> open{root};
  while (!open.empty()) {
    uint32_t index = open.back();
    if (!nodeOf[index] && !allDone(items[index], open))
      continue;
    open.pop_back();
    if (!nodeOf[index])
      nodeOf[index] = items[index].branches.empty() ? leaf(items[index]) : inner(items[index]);
  }
  tree.nodes = std::move(nodes);
  tree.root = *nodeOf[root];
}

Tree build(const ir::Table &table, packet::Family family, uint32_t chain, const BuildOptions &options) {
  Calls calls = callsFrom(table, chain);
  if (calls.whyNot.empty())
    return Builder(table, chain, calls, options).run(family);
  Tree tree;
  tree.chain = chain;
  tree.whyNot = calls.whyNot;
  return tree;
}

} // namespace iptlint::tree
