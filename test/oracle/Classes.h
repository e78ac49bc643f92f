// The values of each field, cut at every bound that a table's tests have: a class of values is known by its number.
#pragma once

#include "ir/Ruleset.h"
#include <map>

namespace iptlint::oracle {

class Classes {
public:
  static constexpr uint32_t kNoEnd = ~uint32_t(0);
  /// Both ends inclusive; kNoEnd is the end of what holds the last class.
  using Range = std::pair<uint32_t, uint32_t>;
  Classes(const ir::Table &table, packet::Family family);
  /// The classes that lie in \p ranges, which are of the table's tests: sorted, disjoint and not adjacent.
  std::vector<Range> inside(ir::Field field, llvm::ArrayRef<ir::Interval> ranges) const;
  /// The values that a test of bits holds for, `negated` not looked at.
  static std::vector<ir::Interval> valuesOf(const ir::MaskTest &test, packet::Family family);

private:
  void cut(const ir::RangeTest &test);
  void cut(const ir::MaskTest &test);
  void cut(ir::Field field, llvm::ArrayRef<ir::Interval> ranges);

  packet::Family family;
  /// Where classes begin, but for the first.
  std::map<ir::Field, std::vector<ir::Value>> starts;
};

} // namespace iptlint::oracle
