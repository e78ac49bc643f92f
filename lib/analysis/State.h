// What targets have done to a packet on its way, as a function of the packet that entered the table.
//
// For each field: which bits have become constants, which are turned round, and which hold what another field
// had or a value that a target made up (its source: the first, second, ... such value on the way). Conditions
// asked in a State are thereby conditions on the packet that entered, together with the made-up values.
#pragma once

#include "ir/Ruleset.h"
#include <map>

namespace iptlint::analysis {

using packet::Field;
using packet::Value;

/// Where bits have their value from.
struct Origin {
  Field field = Field::Src;
  unsigned source = 0; ///< 0: as the packet entered; n: the n-th made-up value
  auto operator<=>(const Origin &) const = default;
};

struct FieldState {
  Value known = 0;    ///< bits with a constant value
  Value constant = 0; ///< their values
  Value flip = 0;     ///< other bits that are the opposite of what they were
  Value blurred = 0;  ///< bits of which nothing is kept, since keeping it would cost too much
  /// Bits that do not hold what they held on entry, by what they hold; disjoint, without the known ones.
  std::map<Origin, Value> others;
  auto operator<=>(const FieldState &) const = default;
};

struct State {
  std::map<Field, FieldState> fields; ///< the fields that changed
  unsigned madeUpValues = 0;          ///< targets on the way that made up values
  unsigned rewritings = 0;            ///< targets on the way that changed what is no field
  bool conditionsBlurred = false;     ///< opaque conditions are not followed any more
  auto operator<=>(const State &) const = default;

  const FieldState *find(Field field) const {
    auto found = fields.find(field);
    return found == fields.end() ? nullptr : &found->second;
  }
  /// \p group is uniform: all its bits have the same origin.
  Origin originOf(Field field, Value group) const {
    if (const FieldState *changed = find(field))
      for (const auto &[origin, bits] : changed->others)
        if (bits & group)
          return origin;
    return {field, 0};
  }
};

/// The state after a target's writes.
State afterTarget(State state, const ir::Rule &rule);

/// The parts of a packet that conditions read or targets write. Marks, and those of flows, are told apart bit by bit,
/// since agents that share a machine keep to bits of their own.
struct Parts {
  uint64_t fields = 0; ///< one bit per Field, and kConditions
  uint32_t markBits = 0, flowMarkBits = 0;

  static constexpr uint64_t kConditions = uint64_t(1) << 63;
  static_assert(packet::kFieldCount < 63);

  Parts &operator|=(const Parts &other) {
    fields |= other.fields;
    markBits |= other.markBits;
    flowMarkBits |= other.flowMarkBits;
    return *this;
  }
  friend Parts operator|(Parts left, const Parts &right) { return left |= right; }
  bool meets(const Parts &other) const {
    constexpr uint64_t marks = uint64_t(1) << unsigned(Field::Mark) | uint64_t(1) << unsigned(Field::ConnMark);
    return (fields & other.fields & ~marks) || (markBits & other.markBits) || (flowMarkBits & other.flowMarkBits);
  }
  bool any() const { return fields != 0; }
  bool operator==(const Parts &) const = default;
};

Parts partsRead(const ir::Test &test);
Parts partsRead(const ir::Rule &rule);
Parts partsWritten(const ir::Rule &rule);
/// What a target copies from, and what its writes depend on: part of what a rule reads, where what it writes is read.
Parts partsReadByTarget(const ir::Rule &rule);

/// The state after something that may or may not have written these parts: they are blurred.
State blurred(State state, const Parts &parts);

/// Whether a rule's target may change anything at all: opaque targets, broken rules and jumps to nowhere.
bool mayDoAnything(const ir::Rule &rule);

} // namespace iptlint::analysis
