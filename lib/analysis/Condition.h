// A rule's condition as a union of boxes, before classes are numbered.
#pragma once

#include "analysis/Grouping.h"
#include "analysis/State.h"
#include "analysis/ValueBox.h"

namespace iptlint::analysis {

/// No condition has more boxes than this.
constexpr size_t kMostBoxes = size_t(1) << 18;

struct Condition {
  std::vector<ValueBox> boxes; ///< none: no packet meets it
  bool maybe = false;          ///< has a condition with state besides
  bool approximate = false;    ///< the boxes hold more than meets the condition
};

/// The condition that all of \p tests make together, asked of a packet in \p state. Many alternatives in each of
/// several tests make it approximate; a single long list of them only where it is longer than \p most.
Condition conditionOf(llvm::ArrayRef<ir::Test> tests, const State &state, const Grouping &grouping, Space &space,
                      packet::Family family, size_t most = kMostBoxes);

} // namespace iptlint::analysis
