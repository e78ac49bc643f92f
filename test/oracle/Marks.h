// The marks that stand for all marks, as far as a table can tell them apart.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::oracle {

/// Bits that all tests and writes treat alike are a group, which is all 0, all 1 or mixed.
class Marks {
public:
  explicit Marks(const ir::Table &table);
  /// One of each class.
  const std::vector<uint32_t> &all() const { return values; }
  /// The marks that a target may leave behind on a packet with \p mark.
  std::vector<uint32_t> after(const ir::Target &target, uint32_t mark) const;

private:
  uint32_t standsFor(uint32_t mark) const;
  std::vector<uint32_t> groups; ///< masks
  std::vector<uint32_t> values;
};

} // namespace iptlint::oracle
