#include "Classes.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

namespace iptlint::oracle {

using ir::Field;
using ir::Value;

Classes::Classes(const ir::Table &table, packet::Family family) : family(family) {
  for (Field field : {Field::In, Field::Out, Field::Fragment}) // what hooks ask for
    cut(field, {{0, 0}});
  auto cutPart = [&](const auto &part) { cut(part); };
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      for (const ir::Test &test : rule.tests)
        if (auto *range = std::get_if<ir::RangeTest>(&test))
          cut(*range);
        else if (auto *mask = std::get_if<ir::MaskTest>(&test))
          cut(*mask);
        else if (auto *members = std::get_if<ir::UnionTest>(&test))
          for (const ir::Alternative &alternative : *members->alternatives)
            for (const auto &part : alternative)
              std::visit(cutPart, part);
  for (auto &[field, values] : starts) {
    llvm::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
}

void Classes::cut(const ir::RangeTest &test) {
  for (Field field : {test.field, test.orField.value_or(test.field)})
    cut(field, test.ranges);
}

void Classes::cut(const ir::MaskTest &test) {
  if (test.field != Field::Mark)
    cut(test.field, valuesOf(test, family));
}

void Classes::cut(Field field, llvm::ArrayRef<ir::Interval> ranges) {
  for (const ir::Interval &range : ranges) {
    starts[field].push_back(range.lo);
    if (range.hi < packet::maxValue(field, family))
      starts[field].push_back(range.hi + 1);
  }
}

/// Those that begin with the same bits, or in a small field one by one.
std::vector<ir::Interval> Classes::valuesOf(const ir::MaskTest &test, packet::Family family) {
  Value most = packet::maxValue(test.field, family), rest = most & ~test.mask;
  if ((test.value & ~test.mask) != 0)
    return {};
  if ((rest & (rest + 1)) == 0)
    return {{test.value, test.value | rest}};
  assert(most < 65536 && "masks with gaps are known in small fields only");
  std::vector<ir::Interval> values;
  for (Value value = 0; value <= most; ++value)
    if ((value & test.mask) == test.value && !values.empty() && values.back().hi + 1 == value)
      values.back().hi = value;
    else if ((value & test.mask) == test.value)
      values.push_back({value, value});
  return values;
}

std::vector<Classes::Range> Classes::inside(Field field, llvm::ArrayRef<ir::Interval> ranges) const {
  const std::vector<Value> &values = starts.at(field);
  auto classOf = [&](Value value) { return uint32_t(llvm::upper_bound(values, value) - values.begin()); };
  auto isLast = [&](Value value) { return value >= packet::maxValue(field, family); };
  std::vector<Range> classes;
  for (const ir::Interval &range : ranges)
    classes.push_back({classOf(range.lo), isLast(range.hi) ? kNoEnd : classOf(range.hi)});
  return classes;
}

} // namespace iptlint::oracle
