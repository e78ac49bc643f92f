// Best first: a queue of regions that a cut would help, the most helpful in front.
#include "tree/Build.h"
#include "tree/Askable.h"
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
  unsigned depth = 0;
  std::optional<Cut> cut = std::nullopt; ///< that is worth making, or was made
  bool tooDeep = false;                  ///< it would have been worth it
  size_t size = 0;                       ///< of its list
  std::vector<Branch> branches = {};     ///< to other items, once it was made
  std::optional<uint32_t> rest = std::nullopt;
};

/// Items are known by their number; of two that are worth the same the earlier one goes first.
struct Waiting {
  double worth;
  uint32_t item;
  bool operator<(const Waiting &other) const { return std::tie(worth, other.item) < std::tie(other.worth, item); }
};

class Builder {
public:
  Builder(const ir::Table &table, const Stretch &stretch, const Calls &calls, const BuildOptions &options)
      : table(table), stretch(stretch), options(options), weights(table), written(table, weights, calls),
        residual(table, weights, calls, options.follow) {}

  Tree run(packet::Family family);

private:
  uint32_t itemFor(Region region, Residue left, unsigned depth);
  bool fits(uint32_t item);
  void expand(uint32_t item);

  const ir::Table &table;
  const Stretch &stretch;
  const BuildOptions &options;
  Weights weights;
  WrittenCost written;
  Residual residual;
  std::vector<Item> items;
  size_t rules = 0;                                ///< in the lists of items that are not cut, and for branches
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

uint32_t Builder::itemFor(Region region, Residue left, unsigned depth) {
  auto [entry, isNew] = known.try_emplace(keyOf(left.list, region, table), uint32_t(items.size()));
  if (!isNew)
    return entry->second;
  std::optional<Cut> cut = bestCut(left, region, table, written, options.goal);
  bool tooDeep = cut && depth == options.mostDepth;
  if (cut && !tooDeep)
    queue.push({weightOf(left, table, written) * cut->gain, uint32_t(items.size())});
  size_t size = sizeOf(left.list);
  rules += size;
  items.push_back({std::move(region), std::move(left), depth, std::move(cut), tooDeep, size});
  return uint32_t(items.size() - 1);
}

/// The values that each branch of a cut gets; the rest is one, and the last.
static std::vector<std::pair<Region::Values, bool>> sharesOf(const Cut &cut) {
  std::vector<std::pair<Region::Values, bool>> shares;
  Region::Values rest;
  for (const Part &part : cut.parts)
    if (part.rest)
      rest.push_back(part.values);
    else
      shares.push_back({{part.values}, false});
  if (!rest.empty())
    shares.push_back({rest, true});
  return shares;
}

/// Cuts a region. Where no rules are to be made of it, branches that lead to the same item become one.
void Builder::expand(uint32_t index) {
  Region region = items[index].region;
  Cut cut = *items[index].cut;
  Residue parts = spread(items[index].left, region, cut, table);
  std::vector<Branch> branches;
  std::optional<uint32_t> rest;
  double all = 0;
  for (auto &[values, isRest] : sharesOf(cut)) {
    Region inside = region;
    inside.narrow(cut.field, values);
    if (options.goal.asRules && !isRest && isOfHeader(cut.field))
      inside.narrow(Field::Fragment, kWithHeader);
    Residue left = residual.within(parts, stretch, inside);
    double weight = weightOf(left, table, written);
    uint32_t to = itemFor(std::move(inside), std::move(left), items[index].depth + (isRest ? 0 : 1));
    all += weight;
    if (isRest)
      rest = to;
    for (Interval each : values)
      branches.push_back({each, to, weight / double(values.size())});
  }
  llvm::sort(branches, [](const Branch &one, const Branch &other) { return one.values.lo < other.values.lo; });
  for (Branch &branch : branches)
    branch.share /= all;
  items[index].branches = std::move(branches);
  rules += items[index].branches.size();
  rules -= items[index].size;
  items[index].rest = rest;
  items[index].left = {};
}

static Region wholeRegion(packet::Family family, const ir::Chain &chain) {
  return chain.hook ? Region(family, *chain.hook) : Region(family);
}

/// Whether there may be as many rules as a cut makes; tries cuts with fewer branches, which repeat fewer rules.
bool Builder::fits(uint32_t index) {
  Item &item = items[index];
  double others = double(rules) - double(item.size);
  CutGoal goal = options.goal;
  std::optional<Cut> cut = item.cut;
  while (cut && others + cut->standing > double(options.mostRules)) {
    goal.cost.fanOut /= 2;
    goal.dearness *= 2;
    cut = goal.cost.fanOut < 2 ? std::nullopt : bestCut(item.left, item.region, table, written, goal);
  }
  if (!cut)
    return false;
  item.cut = std::move(cut);
  return true;
}

Tree Builder::run(packet::Family family) {
  Region root = wholeRegion(family, table.chains[stretch.chain]);
  uint32_t first = itemFor(root, residual.of(stretch, root), 0);
  while (!queue.empty()) {
    uint32_t next = queue.top().item;
    if (items.size() + branchesOf(*items[next].cut) > options.mostNodes)
      break;
    queue.pop();
    if (fits(next))
      expand(next);
  }
  Tree tree;
  tree.chain = stretch.chain;
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
  node.reason = item.tooDeep ? LeafReason::Depth : item.cut ? LeafReason::Budget : LeafReason::Done;
  return add("l" + std::string(1, char(node.reason)) + keyOf(item.left.list), std::move(node));
}

static void append(std::string &key, const Branch &branch) {
  key.append(reinterpret_cast<const char *>(&branch.values), sizeof branch.values);
  key.append(reinterpret_cast<const char *>(&branch.to), sizeof branch.to);
}

/// What else than its branches makes a node what it is.
static std::string keyOf(const Node &node) {
  std::string key = "n" + std::string(1, char(node.field));
  key += node.rest ? std::to_string(*node.rest) : "-";
  return key + " " + (node.protocol ? std::to_string(*node.protocol) : "-") + " ";
}

/// Branches side by side that lead to the same node become one, but for those that a rule is to ask for.
NodeId Gathering::inner(const Item &item) {
  Node node;
  node.field = item.cut->field;
  if (item.rest) {
    node.rest = *nodeOf[*item.rest];
    node.protocol = isOfHeader(node.field) ? protocolFor(node.field, item.region) : std::nullopt;
  }
  bool onlyOne = true;
  for (Branch branch : item.branches) {
    branch.to = *nodeOf[branch.to];
    onlyOne &= node.branches.empty() || node.branches.back().to == branch.to;
    bool joins =
        !node.branches.empty() && node.branches.back().to == branch.to && (!node.rest || *node.rest == branch.to);
    if (joins) {
      node.branches.back().values.hi = branch.values.hi;
      node.branches.back().share += branch.share;
    } else
      node.branches.push_back(branch);
  }
  if (onlyOne)
    return node.branches.front().to;
  std::string key = keyOf(node);
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

Tree build(const ir::Table &table, packet::Family family, const Stretch &stretch, const BuildOptions &options) {
  Calls calls = callsFrom(table, stretch.chain);
  if (calls.whyNot.empty())
    return Builder(table, stretch, calls, options).run(family);
  Tree tree;
  tree.chain = stretch.chain;
  tree.whyNot = calls.whyNot;
  return tree;
}

} // namespace iptlint::tree
