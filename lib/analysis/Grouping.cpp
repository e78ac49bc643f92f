#include "analysis/Grouping.h"
#include "llvm/ADT/STLExtras.h"
#include <set>

namespace iptlint::analysis {

static Value allBits(Field field, packet::Family family) {
  return ~Value(0) >> (128 - packet::bits(field, family));
}

static void split(llvm::SmallVector<Value, 1> &groups, Value mask) {
  for (size_t i = 0, count = groups.size(); i != count; ++i) {
    Value inside = groups[i] & mask, outside = groups[i] & ~mask;
    if (inside && outside) {
      groups[i] = inside;
      groups.push_back(outside);
    }
  }
}

/// Ranges are compared piece by piece, which works only for groups of neighbouring bits.
static void splitIntoRuns(llvm::SmallVector<Value, 1> &groups) {
  llvm::SmallVector<Value, 1> runs;
  for (Value group : groups)
    while (group) {
      Value lowest = group & -group;
      Value run = group & ~(group + lowest);
      runs.push_back(run);
      group &= ~run;
    }
  groups = runs;
}

Grouping::Grouping(const ir::Table &table, packet::Family family) {
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    byField[i] = {allBits(Field(i), family)};
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      add(rule);
  unite(table);
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    if (byField[i].size() > 1 && inRanges[i])
      splitIntoRuns(byField[i]);
    llvm::sort(byField[i], std::greater<>());
  }
}

void Grouping::add(const ir::RangeTest &test) {
  inRanges[unsigned(test.field)] = true;
  if (test.orField)
    inRanges[unsigned(*test.orField)] = true;
}

void Grouping::add(const ir::MaskTest &test) {
  split(byField[unsigned(test.field)], test.mask);
}

void Grouping::add(const ir::UnionTest &test) {
  for (const ir::Alternative &alternative : *test.alternatives)
    for (const auto &part : alternative)
      std::visit([&](const auto &each) { add(each); }, part);
}

void Grouping::add(const ir::Rule &rule) {
  for (const ir::Test &test : rule.tests)
    std::visit([&](const auto &each) { add(each); }, test);
  for (const ir::Write &write : rule.target.writes) {
    split(byField[unsigned(write.field)], write.keep);
    split(byField[unsigned(write.field)], write.copy);
  }
  if (rule.target.writesIf)
    add(*rule.target.writesIf);
}

/// Fields that are copied to each other are grouped alike.
void Grouping::unite(const ir::Table &table) {
  std::set<std::pair<Field, Field>> copies;
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      for (const ir::Write &write : rule.target.writes)
        if (write.copy)
          copies.insert({write.field, write.from});
  auto count = [&] {
    size_t groups = 0;
    for (const auto &of : byField)
      groups += of.size();
    return groups;
  };
  for (size_t before = 0, now = count(); before != now; before = std::exchange(now, count()))
    for (auto [to, from] : copies) {
      for (Value group : llvm::SmallVector<Value, 8>(byField[unsigned(from)].begin(), byField[unsigned(from)].end()))
        split(byField[unsigned(to)], group);
      for (Value group : llvm::SmallVector<Value, 8>(byField[unsigned(to)].begin(), byField[unsigned(to)].end()))
        split(byField[unsigned(from)], group);
      inRanges[unsigned(to)] = inRanges[unsigned(from)] = inRanges[unsigned(to)] || inRanges[unsigned(from)];
    }
}

} // namespace iptlint::analysis
