// Sets of packets as interval decision diagrams, for the account of meaning that shares nothing with analysis.
//
// A node asks for the value of one variable and has a child for each interval of values. Equal sets are the same
// number, so that asking whether two are equal, or one is empty, is free. Nothing here is clever: sets of thousands
// of boxes that overlap are more than it can hold.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace iptlint::oracle {

class Diagrams {
public:
  using Set = uint32_t;
  static constexpr Set kNone = 0, kAll = 1;

  Diagrams();
  /// The packets whose variable \p level is in one of the ranges, both ends inclusive: sorted, disjoint and not
  /// adjacent.
  Set inside(unsigned level, const std::vector<std::pair<uint32_t, uint32_t>> &ranges);
  Set both(Set one, Set other) { return combine(Op::Both, one, other); }
  Set either(Set one, Set other) { return combine(Op::Either, one, other); }
  Set without(Set one, Set other) { return combine(Op::Without, one, other); }

private:
  enum class Op : uint8_t { Both, Either, Without };
  /// From behind the last edge's end up to this one's.
  struct Edge {
    uint32_t end;
    Set child;
    bool operator==(const Edge &) const = default;
  };
  struct Node {
    unsigned level;
    std::vector<Edge> edges;
    bool operator==(const Node &) const = default;
  };
  struct Hash {
    size_t operator()(const Node &node) const;
  };
  static std::optional<Set> known(Op op, Set one, Set other);
  Set combine(Op op, Set one, Set other);
  Set combineNodes(Op op, Set one, Set other);
  Set keep(Node node);
  static void append(std::vector<Edge> &edges, Edge edge);

  std::vector<Node> nodes;
  std::unordered_map<Node, Set, Hash> numbers;
  std::unordered_map<uint64_t, Set> results[3]; ///< by operation
};

} // namespace iptlint::oracle
