// Which bits of a field belong together, so that every condition of a table is a union of boxes.
#pragma once

#include "ir/Ruleset.h"
#include "llvm/ADT/SmallVector.h"
#include <array>

namespace iptlint::analysis {

using packet::Field;
using packet::Value;

/// How the bits of each field are grouped into dimensions: so that every mask tested or written in the table is a
/// union of groups. Groups of a field are ordered from its most to its least significant bits.
class Grouping {
public:
  Grouping(const ir::Table &table, packet::Family family);
  llvm::ArrayRef<Value> groups(Field field) const { return byField[unsigned(field)]; }

private:
  void add(const ir::Rule &rule);
  void unite(const ir::Table &table);
  void add(const ir::RangeTest &test);
  void add(const ir::MaskTest &test);
  void add(const ir::UnionTest &test);
  void add(const ir::OpaqueTest &) {}

  std::array<llvm::SmallVector<Value, 1>, packet::kFieldCount> byField;
  std::array<bool, packet::kFieldCount> inRanges{};
};

} // namespace iptlint::analysis
