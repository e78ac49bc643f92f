#include "tree/Columns.h"
#include "tree/Condition.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::tree {

/// A test with more ranges is a look-up in a set: cutting at each of them would undo it.
constexpr size_t kMostRanges = 16;

void Columns::addBounds(Field field, llvm::ArrayRef<Interval> ranges) {
  Interval all = region.of(field);
  auto add = [&](Value start) {
    if (all.lo < start && start <= all.hi)
      of[unsigned(field)].starts.push_back(start);
  };
  for (Interval range : ranges) {
    add(range.lo);
    if (range.hi < all.hi)
      add(range.hi + 1);
  }
}

void Columns::addBounds(const ir::RangeTest &test) {
  if (test.ranges.size() > kMostRanges)
    return;
  addBounds(test.field, test.ranges);
  if (test.orField)
    addBounds(*test.orField, test.ranges);
}

/// Only masks that ask for the first bits are an interval; others are left to the list.
void Columns::addBounds(const ir::MaskTest &test) {
  Value rest = region.whole(test.field).hi & ~test.mask;
  if ((rest & (rest + 1)) == 0 && (test.value & ~test.mask) == 0)
    addBounds(test.field, {{test.value, test.value | rest}});
}

void Columns::addBounds(const ir::Test &test) {
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    addBounds(*range);
  else if (auto *mask = std::get_if<ir::MaskTest>(&test))
    addBounds(*mask);
  else if (auto *any = std::get_if<ir::UnionTest>(&test); any && any->alternatives->size() <= kMostRanges)
    for (const ir::Alternative &alternative : *any->alternatives)
      for (const auto &part : alternative)
        std::visit([&](const auto &each) { addBounds(each); }, part);
}

void Columns::addList(const List &list, const Region &inside) {
  for (const Entry &entry : list) {
    Region own = narrowedBy(entry, table, inside);
    double ends = entry.inner || entry.whole ? 0 : entry.weight;
    ++rules;
    weight += ends;
    for (auto &[field, values] : own.sides())
      if (Interval hull = own.of(field); hull != region.of(field))
        of[unsigned(field)].spans.push_back({hull, ends});
    const std::vector<ir::Test> &tests = table.chains[entry.rule.chain].rules[entry.rule.rule].tests;
    for (size_t i = 0; i != tests.size(); ++i)
      if (entry.cuttable & bitOf(i))
        addBounds(tests[i]);
    if (entry.inner)
      addList(*entry.inner, own);
  }
}

Columns::Columns(const List &list, const Region &region, const ir::Table &table) : table(table), region(region) {
  addList(list, region);
  for (Column &column : of) {
    llvm::sort(column.starts);
    column.starts.erase(std::unique(column.starts.begin(), column.starts.end()), column.starts.end());
  }
}

} // namespace iptlint::tree
