#include "driver/Comparable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/StringSaver.h"
#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace iptlint::driver {

using ir::Interval;
using ir::Value;
using packet::Family;

static bool keepsState(const ir::Test &test) {
  const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

// --- texts of tests, for sorting and telling them apart

static std::string hex(Value value) {
  return fmt::format("{:x}:{:016x}", uint64_t(value >> 64), uint64_t(value));
}

static std::string textOf(const ir::RangeTest &test) {
  std::string text =
      fmt::format("{:02} range {} {}", unsigned(test.field), test.orField ? int(*test.orField) : -1, test.negated);
  for (Interval range : test.ranges)
    text += " " + hex(range.lo) + "-" + hex(range.hi);
  return text;
}
static std::string textOf(const ir::MaskTest &test) {
  return fmt::format("{:02} mask {} {}/{}", unsigned(test.field), test.negated, hex(test.value), hex(test.mask));
}
static std::string textOf(const ir::OpaqueTest &test) {
  return fmt::format("opaque {} {}", test.negated, test.text.str());
}
static std::string textOf(const ir::UnionTest &test) {
  std::string text = fmt::format("union {}", test.negated);
  for (const ir::Alternative &alternative : *test.alternatives) {
    text += " |";
    for (const auto &part : alternative)
      text += " (" + std::visit([](const auto &each) { return textOf(each); }, part) + ")";
  }
  return text;
}
static std::string textOf(const ir::Test &test) {
  return std::visit([](const auto &each) { return textOf(each); }, test);
}

// --- one form

/// The ranges that others leave out.
static llvm::SmallVector<Interval, 1> complement(const llvm::SmallVector<Interval, 1> &ranges, Value last) {
  llvm::SmallVector<Interval, 1> others;
  Value next = 0;
  for (Interval range : ranges) {
    if (range.lo > last)
      break;
    if (range.lo > next)
      others.push_back({next, range.lo - 1});
    if (range.hi >= last)
      return others;
    next = range.hi + 1;
  }
  others.push_back({next, last});
  return others;
}

/// A mask of all bits is a value; no `!` where ranges can say it.
static ir::Test inOneForm(ir::Test test, Family family) {
  if (auto *mask = std::get_if<ir::MaskTest>(&test)) {
    Value all = ~Value(0) >> (128 - packet::bits(mask->field, family));
    if (mask->mask == all && packet::maxValue(mask->field, family) == all)
      test = ir::RangeTest{mask->field, std::nullopt, mask->negated, {{mask->value, mask->value}}};
  }
  if (auto *range = std::get_if<ir::RangeTest>(&test); range && range->negated && !range->orField) {
    range->ranges = complement(range->ranges, packet::maxValue(range->field, family));
    range->negated = false;
  }
  return test;
}

static void order(ir::Rule &rule, Family family) {
  std::vector<std::pair<std::string, ir::Test>> sorted;
  auto begin = sorted.end() - sorted.begin();
  auto sortSince = [&](ptrdiff_t from) {
    auto first = sorted.begin() + from;
    llvm::sort(first, sorted.end(), [](const auto &left, const auto &right) { return left.first < right.first; });
    sorted.erase(
        std::unique(first, sorted.end(), [](const auto &left, const auto &right) { return left.first == right.first; }),
        sorted.end());
  };
  for (const ir::Test &test : rule.tests) {
    ir::Test formed = inOneForm(test, family);
    if (keepsState(formed)) {
      sortSince(begin);
      sorted.emplace_back(textOf(formed), std::move(formed));
      begin = ptrdiff_t(sorted.size());
      continue;
    }
    std::string text = textOf(formed);
    sorted.emplace_back(std::move(text), std::move(formed));
  }
  sortSince(begin);
  rule.tests.clear();
  for (auto &entry : sorted)
    rule.tests.push_back(std::move(entry.second));
}

/// What a rule tests and does, as words.
static std::vector<llvm::StringRef> wordsFor(const ir::Rule &rule, llvm::StringSaver &strings) {
  std::vector<llvm::StringRef> words;
  for (const ir::Test &test : rule.tests)
    words.push_back(strings.save(textOf(test)));
  words.push_back(rule.target.name);
  words.push_back(rule.target.options);
  return words;
}

ir::Ruleset comparable(const ir::Ruleset &ruleset) {
  ir::Ruleset made = ruleset;
  llvm::StringSaver strings(*made.strings);
  for (ir::Table &table : made.tables)
    for (ir::Chain &chain : table.chains)
      for (ir::Rule &rule : chain.rules) {
        order(rule, ruleset.family);
        if (llvm::any_of(rule.tests, keepsState))
          rule.words = wordsFor(rule, strings);
      }
  return made;
}

} // namespace iptlint::driver
