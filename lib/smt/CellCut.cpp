#include "smt/CellCut.h"
#include "llvm/ADT/STLExtras.h"
#include <array>

namespace iptlint::smt {

namespace {

/// So many rules show well enough where to cut.
constexpr size_t kSample = 4096;
/// Chains that call chains many times over would lead to more.
constexpr double kMostRules = 1e9;
/// Tests of more ranges are not looked at: a cut in between two of them tells little.
constexpr size_t kMostRanges = 16;
/// Chains are not looked into deeper than this: they may lead round in a circle.
constexpr unsigned kDeepest = 64;
/// So many fields are tried, those first that most rules ask for.
constexpr size_t kFields = 4;
/// A cut is worth it where the squares of what is left in both halves come to less than this part of two wholes.
constexpr double kWorthIt = 0.85;

/// How many rules packets may meet that have some values in one field. The rules of a chain that is called twice count
/// twice.
class Reach {
public:
  Reach(const Slice &slice, Field field, Interval values) : slice(slice), field(field), values(values) {}
  double ofRule(const ir::Rule &rule);
  double ofHook() { return slice.hook() ? ofChain(slice.numberOfHook()) : 0; }

private:
  bool mayMeet(const ir::Rule &rule) const;
  double ofChain(uint32_t chain);

  const Slice &slice;
  Field field;
  Interval values;
  llvm::DenseMap<uint32_t, double> known;
  unsigned depth = 0;
};

/// Where tests of one field begin and end to hold within the cell, each with the rules that hang on it.
using WeightedBounds = std::vector<std::pair<Value, double>>;
using WeightedBoundsByField = std::array<WeightedBounds, packet::kFieldCount>;

} // namespace

bool Reach::mayMeet(const ir::Rule &rule) const {
  return llvm::all_of(rule.tests, [&](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (!range || range->field != field || range->orField || range->negated)
      return true;
    return llvm::any_of(range->ranges, [&](Interval each) { return each.lo <= values.hi && values.lo <= each.hi; });
  });
}

double Reach::ofRule(const ir::Rule &rule) {
  if (!mayMeet(rule))
    return 0;
  return leadsToChain(rule.target) ? 1 + ofChain(rule.target.chain) : 1;
}

double Reach::ofChain(uint32_t chain) {
  if (auto found = known.find(chain); found != known.end())
    return found->second;
  if (depth == kDeepest)
    return 0;
  ++depth;
  double sum = 0;
  for (const ir::Rule *rule : slice.rulesOf(chain))
    sum += ofRule(*rule);
  --depth;
  return known[chain] = std::min(sum, kMostRules);
}

static void addBounds(const ir::Rule &rule, double weight, const Slice &slice, const Cell &cell,
                      WeightedBoundsByField &bounds) {
  for (const ir::Test &test : rule.tests) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (!range || range->orField || range->ranges.size() > kMostRanges || slice.writtenFields()[unsigned(range->field)])
      continue;
    WeightedBounds &of = bounds[unsigned(range->field)];
    Interval here = cell.of(range->field);
    for (Interval values : range->ranges) {
      if (here.lo < values.lo && values.lo <= here.hi)
        of.push_back({values.lo, weight});
      if (here.lo <= values.hi && values.hi < here.hi)
        of.push_back({values.hi + 1, weight});
    }
  }
}

static void addBounds(const Slice &slice, const Cell &cell, WeightedBoundsByField &bounds) {
  Reach all(slice, Field::Hook, cell.of(Field::Hook));
  size_t step = slice.size() / kSample + 1, skip = 0;
  slice.forEachRule([&](const ir::Rule &rule) {
    if (skip++ % step == 0)
      addBounds(rule, all.ofRule(rule), slice, cell, bounds);
  });
}

static double weightOf(const WeightedBounds &bounds) {
  double all = 0;
  for (const auto &bound : bounds)
    all += bound.second;
  return all;
}

/// The bound with as much weight below as above.
static Value middleOf(WeightedBounds &bounds) {
  llvm::sort(bounds);
  double all = weightOf(bounds), below = 0;
  for (const auto &[value, weight] : bounds)
    if ((below += weight) * 2 >= all)
      return value;
  return bounds.back().first;
}

/// The fields with bounds, those first that weigh most.
static std::vector<Field> fieldsOf(const WeightedBoundsByField &bounds) {
  std::vector<std::pair<double, unsigned>> fields;
  for (unsigned field = 0; field != packet::kFieldCount; ++field)
    if (!bounds[field].empty())
      fields.push_back({-weightOf(bounds[field]), field});
  llvm::sort(fields);
  std::vector<Field> first;
  for (const auto &[weight, field] : llvm::makeArrayRef(fields).take_front(kFields))
    first.push_back(Field(field));
  return first;
}

std::optional<CellCut> bestCut(const Slice &before, const Slice &after, const Cell &cell) {
  WeightedBoundsByField bounds;
  addBounds(before, cell, bounds);
  addBounds(after, cell, bounds);
  auto left = [&](Field field, Interval values) {
    return Reach(before, field, values).ofHook() + Reach(after, field, values).ofHook();
  };
  double all = left(Field::Hook, cell.of(Field::Hook)), least = kWorthIt * 2 * all * all;
  std::optional<CellCut> best;
  for (Field field : fieldsOf(bounds)) {
    Value middle = middleOf(bounds[unsigned(field)]);
    Interval values = cell.of(field);
    double below = left(field, {values.lo, middle - 1}), above = left(field, {middle, values.hi});
    if (double effort = below * below + above * above; effort < least) {
      best = CellCut{field, middle};
      least = effort;
    }
  }
  return best;
}

} // namespace iptlint::smt
