// Larger tables made by chance: up to 30 rules in up to 8 chains over six fields and more.
#pragma once

#include "ir/Ruleset.h"
#include <deque>
#include <string>

namespace iptlint::oracle {

struct RandomTable {
  ir::Table table;
  std::deque<std::string> words; ///< what the table's words are slices of
};

/// The same table for the same seed on every machine. It holds no opaque target and no broken rule, since these leave
/// too many ways open to try them all; small worlds have them.
RandomTable randomTable(uint64_t seed);

/// 0 to \p below - 1, by turns.
class Dice {
public:
  explicit Dice(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d) {}
  /// Source: splitmix64, public domain.
  uint64_t roll(uint64_t below) {
    uint64_t value = state += 0x9e3779b97f4a7c15;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return (value ^ value >> 31) % below;
  }

private:
  uint64_t state;
};

} // namespace iptlint::oracle
