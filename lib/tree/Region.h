// A box of packets as they enter the table, and what a test says of all packets in it.
//
// The node of a tree stands for a region: for each field that was cut on the way to it the values that are left, as
// intervals, for the others every value. A region knows packets as they enter; what rules write on the way is not in
// it, so whoever judges a test says which fields may have been written before.
#pragma once

#include "ir/Ruleset.h"
#include <bitset>

namespace iptlint::tree {

using ir::Field;
using ir::Interval;
using ir::Value;

using FieldSet = std::bitset<packet::kFieldCount>;

class Region {
public:
  explicit Region(packet::Family family) : family(family) {}
  /// All packets that may enter a built-in chain: with an interface where its hook has one, and none where not.
  Region(packet::Family family, packet::Hook hook);

  /// The values that a field of a region may have: intervals that are sorted, disjoint and not adjacent; never none.
  using Values = llvm::SmallVector<Interval, 1>;
  using Side = std::pair<Field, Values>;

  /// The least and the greatest value that the packets of this region may have in a field.
  Interval of(Field field) const;
  /// All of them.
  Values valuesOf(Field field) const;
  /// Keeps the packets with a value in \p values, which are as in Values; false, with the region unchanged, if there
  /// are none.
  bool narrow(Field field, llvm::ArrayRef<Interval> values);
  bool narrow(Field field, Interval values) { return narrow(field, llvm::makeArrayRef(values)); }
  Interval whole(Field field) const { return {0, packet::maxValue(field, family)}; }
  /// The fields that were narrowed, in the order of the table of fields.
  llvm::ArrayRef<Side> sides() const { return narrowed; }
  packet::Family familyOf() const { return family; }

private:
  const Side *sideOf(Field field) const;

  packet::Family family;
  llvm::SmallVector<Side, 6> narrowed;
};

/// Whether something is so for no packet of a region, for all, or not known to be either.
enum class Truth : uint8_t { Never, Maybe, Always };

/// Sets of more alternatives are not looked into: asking one is a single look-up for the kernel, and going through it
/// at each node would cost more than it decides.
constexpr size_t kMostAlternatives = 64;

/// Whether packets of \p region meet \p test, when the fields in \p written may have any value by now. Never and Always
/// are certain; Maybe is said as well of what is too costly to tell. Opaque tests are Maybe.
Truth judge(const ir::Test &test, const Region &region, const FieldSet &written);

} // namespace iptlint::tree
