// What targets have done to a packet on its way, as a function of the packet that entered the table.
//
// For each field: which bits have become constants, which are turned round, and which hold a value that a
// target made up (its source: the first, second, ... such value on the way). Conditions asked in a
// State are thereby conditions on the packet that entered, together with the made-up values.
#pragma once

#include "ir/Ruleset.h"
#include <map>

namespace iptlint::analysis {

using packet::Field;
using packet::Value;

struct FieldState {
  Value known = 0;    ///< bits with a constant value
  Value constant = 0; ///< their values
  Value flip = 0;     ///< other bits that are the opposite of what they were
  Value blurred = 0;  ///< bits of which nothing is kept, since keeping it would cost too much
  /// Bits with a made-up value, by its source; disjoint, without the known ones.
  std::map<unsigned, Value> madeUp;
  auto operator<=>(const FieldState &) const = default;

  /// 0 for bits as they entered. \p group is uniform: all its bits have the same source.
  unsigned sourceOf(Value group) const {
    for (const auto &[source, bits] : madeUp)
      if (bits & group)
        return source;
    return 0;
  }
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
};

/// The state after a target's writes.
State afterTarget(State state, const ir::Rule &rule);

/// The parts of a packet that conditions read or targets write. Marks are told apart bit by bit, since
/// agents that share a machine keep to bits of their own.
struct Parts {
  uint64_t fields = 0; ///< one bit per Field, and kConditions
  uint32_t markBits = 0;

  static constexpr uint64_t kConditions = uint64_t(1) << 63;
  static_assert(packet::kFieldCount < 63);

  Parts &operator|=(const Parts &other) {
    fields |= other.fields;
    markBits |= other.markBits;
    return *this;
  }
  friend Parts operator|(Parts left, const Parts &right) { return left |= right; }
  bool meets(const Parts &other) const {
    uint64_t mark = uint64_t(1) << unsigned(Field::Mark);
    return (fields & other.fields & ~mark) || (markBits & other.markBits);
  }
  bool any() const { return fields != 0; }
};

Parts partsRead(const ir::Test &test);
Parts partsRead(const ir::Rule &rule);
Parts partsWritten(const ir::Rule &rule);

/// The state after something that may or may not have written these parts: they are blurred.
State blurred(State state, const Parts &parts);

/// Whether a rule's target may change anything at all: opaque targets, broken rules and jumps to nowhere.
bool mayDoAnything(const ir::Rule &rule);

} // namespace iptlint::analysis
