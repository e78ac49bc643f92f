// What the whole condition of a rule says of a region: its tests from left to right.
#pragma once

#include "tree/Region.h"

namespace iptlint::tree {

/// The bit of a rule's test in Entry::open; the tests from the 32nd on share the last.
constexpr uint32_t bitOf(size_t test) {
  return uint32_t(1) << std::min<size_t>(test, 31);
}

struct Judgement {
  Truth met = Truth::Always;
  uint32_t open = 0;     ///< the tests that decide it: where it is Never, up to the one that fails
  uint32_t cuttable = 0; ///< those among them that read only what is as it entered the table, and are not opaque
  bool acts = false;     ///< a test that keeps state may be evaluated
};

/// \param open  the tests that were not known to hold in a region around this one.
Judgement judgeRule(const ir::Rule &rule, const Region &region, const FieldSet &written, uint32_t open);

/// Whether a condition has a test that keeps state among those of \p open.
bool keepsState(const ir::Rule &rule, uint32_t open);

} // namespace iptlint::tree
