#include "Diagram.h"
#include "llvm/ADT/Hashing.h"

namespace iptlint::oracle {

static constexpr uint32_t kLast = ~uint32_t(0);
static constexpr unsigned kNoLevel = ~0u;
/// What is remembered of one operation before it is forgotten.
static constexpr size_t kMostResults = 2'000'000;

Diagrams::Diagrams() {
  for (unsigned terminal = 0; terminal != 2; ++terminal)
    nodes.push_back({kNoLevel, {}});
}

size_t Diagrams::Hash::operator()(const Node &node) const {
  size_t hash = node.level;
  for (const Edge &edge : node.edges)
    hash = llvm::hash_combine(hash, edge.end, edge.child);
  return hash;
}

void Diagrams::append(std::vector<Edge> &edges, Edge edge) {
  if (!edges.empty() && edges.back().child == edge.child)
    edges.back().end = edge.end;
  else
    edges.push_back(edge);
}

Diagrams::Set Diagrams::keep(Node node) {
  if (node.edges.size() == 1)
    return node.edges.front().child;
  auto [entry, isNew] = numbers.try_emplace(node, Set(nodes.size()));
  if (isNew)
    nodes.push_back(std::move(node));
  return entry->second;
}

Diagrams::Set Diagrams::inside(unsigned level, const std::vector<std::pair<uint32_t, uint32_t>> &ranges) {
  Node node{level, {}};
  uint32_t next = 0;
  for (auto [first, last] : ranges) {
    if (first > next)
      append(node.edges, {first - 1, kNone});
    append(node.edges, {last, kAll});
    next = last + 1;
  }
  if (node.edges.empty() || node.edges.back().end != kLast)
    append(node.edges, {kLast, kNone});
  return keep(std::move(node));
}

/// What is clear without looking inside.
std::optional<Diagrams::Set> Diagrams::known(Op op, Set one, Set other) {
  switch (op) {
  case Op::Both:
    if (one == kNone || other == kNone)
      return kNone;
    return one == kAll || one == other ? std::optional(other) : other == kAll ? std::optional(one) : std::nullopt;
  case Op::Either:
    if (one == kAll || other == kAll)
      return kAll;
    return one == kNone || one == other ? std::optional(other) : other == kNone ? std::optional(one) : std::nullopt;
  case Op::Without:
    if (one == kNone || other == kAll || one == other)
      return kNone;
    return other == kNone ? std::optional(one) : std::nullopt;
  }
  return std::nullopt;
}

Diagrams::Set Diagrams::combine(Op op, Set one, Set other) {
  if (auto result = known(op, one, other))
    return *result;
  if (op != Op::Without && one > other)
    std::swap(one, other);
  auto &remembered = results[unsigned(op)];
  uint64_t key = uint64_t(one) << 32 | other;
  if (auto found = remembered.find(key); found != remembered.end())
    return found->second;
  Set result = combineNodes(op, one, other);
  if (remembered.size() > kMostResults)
    remembered.clear();
  remembered.emplace(key, result);
  return result;
}

/// Walks along the edges of both; one that does not ask for the variable is the same for all its values.
Diagrams::Set Diagrams::combineNodes(Op op, Set one, Set other) {
  unsigned level = std::min(nodes[one].level, nodes[other].level);
  auto edgesOf = [&](Set set) {
    return nodes[set].level == level ? nodes[set].edges : std::vector<Edge>{{kLast, set}};
  };
  std::vector<Edge> left = edgesOf(one), right = edgesOf(other);
  Node node{level, {}};
  for (size_t l = 0, r = 0; l != left.size();) {
    uint32_t end = std::min(left[l].end, right[r].end);
    append(node.edges, {end, combine(op, left[l].child, right[r].child)});
    bool leftEnds = left[l].end == end, rightEnds = right[r].end == end;
    l += leftEnds;
    r += rightEnds;
  }
  return keep(std::move(node));
}

} // namespace iptlint::oracle
