// The space in which a table tells packets apart, cut into classes of packets no rule distinguishes.
//
// A dimension is a group of bits of one field, or one opaque condition (0 or 1). Fields that are
// only compared with ranges and prefixes are one dimension each; a field that is tested through
// masks (marks, TCP flags, odd address masks) is cut into groups of bits that are always tested
// together, so that every condition is a union of boxes. A value a target makes up on the way is a
// dimension of its own: a packet then has one more coordinate, as if it had entered with it.
//
// All bounds of all boxes cut a dimension into classes; a class is known by its rank. Two packets
// whose coordinates have the same ranks meet exactly the same rules, so everything the search does
// is done on ranks, 32 bits each, alike for ports, IPv6 addresses and interface names. Classes without a
// value that can occur (an interface name the kernel would refuse) have no rank.
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"
#include <map>

namespace iptlint::analysis {

using packet::Field;
using packet::Value;

using Rank = uint32_t;
using DimensionId = uint16_t;

/// The coordinates of one class of packets: a rank for each dimension.
using Point = std::vector<Rank>;

struct Dimension {
  Field field = Field::Src;
  Value mask = 0;            ///< the bits of the field; 0 for an opaque condition
  llvm::StringRef condition; ///< an opaque condition's text
  /// 0: as the packet entered the table. n: the value made up by the n-th target on the way that
  /// makes up values, or the truth of the condition after the n-th rewriting.
  unsigned source = 0;
  /// First and last value of each class, by rank; ascending.
  std::vector<Value> starts, ends;

  bool opaque() const { return mask == 0; }
  Rank size() const { return Rank(starts.size()); }
};

/// The bits of \p value under \p mask, put together at the low end.
Value extractBits(Value value, Value mask);
/// The inverse: low bits of \p value spread over \p mask.
Value depositBits(Value value, Value mask);

class Space {
public:
  explicit Space(packet::Family family) : family(family) {}

  /// The dimension of these bits from this source, made on first use.
  DimensionId dimension(Field field, Value mask, unsigned source);
  DimensionId condition(llvm::StringRef text, unsigned source);

  /// Registers the ends of an interval as cuts. Before close().
  void cut(DimensionId dim, Value lo, Value hi);
  /// Makes classes out of the cuts.
  void close();

  /// The ranks that lie in [lo, hi], whose ends were cut. Empty (first > second) if no value there can occur.
  std::pair<Rank, Rank> ranks(DimensionId dim, Value lo, Value hi) const;

  size_t size() const { return dimensions.size(); }
  const Dimension &operator[](DimensionId dim) const { return dimensions[dim]; }
  bool full() const { return dimensions.size() >= kMaxDimensions; }

  /// The class that a plain, easily sent packet would have (an ordinary name, address, port...).
  const Point &preferred() const { return preferredRanks; }

  /// A packet of the class, its values the most ordinary ones of theirs.
  packet::Packet packetOf(const Point &point) const;

private:
  static constexpr size_t kMaxDimensions = 60'000;

  packet::Family family;
  std::vector<Dimension> dimensions;
  std::vector<std::vector<Value>> cuts; ///< values at which a class starts
  std::map<std::tuple<Field, Value, unsigned>, DimensionId> byBits;
  std::map<std::pair<llvm::StringRef, unsigned>, DimensionId> byText;
  Point preferredRanks;
};

} // namespace iptlint::analysis
