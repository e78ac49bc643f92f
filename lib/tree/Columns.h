// What a list has to say of each field: for which values its rules may be met, and where that changes.
#pragma once

#include "tree/Residual.h"
#include <array>

namespace iptlint::tree {

/// The values of one field for which a rule of the list may be met, and the packets that end there.
struct Span {
  Interval values;
  double weight;
};

struct Column {
  std::vector<Span> spans;   ///< of the rules that are not met for all values
  std::vector<Value> starts; ///< where tests begin to hold or cease to, within the region; ascending
};

class Columns {
public:
  /// \param list  what is left for \p region.
  Columns(const List &list, const Region &region, const ir::Table &table);

  std::array<Column, packet::kFieldCount> of;
  size_t rules = 0;
  double weight = 0; ///< of the packets that end in the list

private:
  void addList(const List &list, const Region &inside);
  void addBounds(Field field, llvm::ArrayRef<Interval> ranges);
  void addBounds(const ir::RangeTest &test);
  void addBounds(const ir::MaskTest &test);
  void addBounds(const ir::Test &test);

  const ir::Table &table;
  const Region &region;
};

} // namespace iptlint::tree
