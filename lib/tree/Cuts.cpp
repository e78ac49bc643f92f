#include "tree/Cuts.h"
#include "tree/Condition.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
#include <cmath>

namespace iptlint::tree {

namespace {

/// A test with more ranges is a look-up in a set: cutting at each of them would undo it.
constexpr size_t kMostRanges = 16;

/// The values of one field for which a rule of the list may be met, and the packets that end there.
struct Span {
  Interval values;
  double weight;
};

/// What a list has to say of one field.
struct Column {
  std::vector<Span> spans;   ///< of the rules that are not met for all values
  std::vector<Value> starts; ///< where tests begin to hold or cease to, within the region
};

/// A list's tests, field by field.
class Columns {
public:
  Columns(const ir::Table &table, const Region &region) : table(table), region(region) {}
  void add(const List &list, const Region &inside);

  std::array<Column, packet::kFieldCount> of;
  size_t rules = 0;
  double weight = 0;

private:
  void addBounds(Field field, llvm::ArrayRef<Interval> ranges);
  void addBounds(const ir::RangeTest &test);
  void addBounds(const ir::MaskTest &test);
  void addBounds(const ir::Test &test);

  const ir::Table &table;
  const Region &region;
};

} // namespace

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

void Columns::add(const List &list, const Region &inside) {
  for (const Entry &entry : list) {
    Region own = narrowedBy(entry, table, inside);
    double ends = entry.inner || entry.whole ? 0 : entry.weight;
    ++rules;
    weight += ends;
    for (auto &[field, values] : own.sides())
      if (values != region.of(field))
        of[unsigned(field)].spans.push_back({values, ends});
    const std::vector<ir::Test> &tests = table.chains[entry.rule.chain].rules[entry.rule.rule].tests;
    for (size_t i = 0; i != tests.size(); ++i)
      if (entry.cuttable & bitOf(i))
        addBounds(tests[i]);
    if (entry.inner)
      add(*entry.inner, own);
  }
}

static std::vector<Value> startsOf(Column &column, unsigned fanOut) {
  llvm::sort(column.starts);
  column.starts.erase(std::unique(column.starts.begin(), column.starts.end()), column.starts.end());
  // Values that stand alone have what is between them on both sides; that is one branch in the end.
  if (column.starts.size() < 2 * fanOut)
    return column.starts;
  std::vector<Value> starts;
  for (size_t b = 1; b < fanOut; ++b)
    starts.push_back(column.starts[b * column.starts.size() / fanOut]);
  return starts;
}

static size_t branchOf(const std::vector<Value> &starts, Value value) {
  return size_t(llvm::upper_bound(starts, value) - starts.begin());
}

namespace {

/// What a cut would come to.
struct Forecast {
  double left;     ///< which part of the rules a packet still has before it
  double repeated; ///< how often a rule stands in a branch, on average
};

} // namespace

static Forecast forecast(const Columns &columns, const Column &column, const std::vector<Value> &starts,
                         double policyWeight) {
  size_t branches = starts.size() + 1;
  std::vector<double> rules(branches + 1), weights(branches + 1);
  double free = double(columns.rules - column.spans.size()), freeWeight = columns.weight + policyWeight;
  for (const Span &span : column.spans) {
    size_t first = branchOf(starts, span.values.lo), last = branchOf(starts, span.values.hi);
    double part = span.weight / double(last - first + 1);
    rules[first] += 1, rules[last + 1] -= 1;
    weights[first] += part, weights[last + 1] -= part;
    freeWeight -= span.weight;
  }
  double all = columns.weight + policyWeight, left = 0, standing = 0, here = 0, weightHere = 0;
  for (size_t b = 0; b != branches; ++b) {
    here += rules[b], weightHere += weights[b];
    standing += free + here;
    left += (weightHere + freeWeight / double(branches)) / all * (free + here);
  }
  return {left / double(columns.rules), standing / double(columns.rules)};
}

/// A branch that is everything else takes half of the intervals where values stand alone.
static double priceOf(const std::vector<Value> &starts, const CostModel &cost) {
  return cost.perChain + cost.perRule * (double(starts.size()) / 2 + 2) / 2;
}

std::optional<Cut> bestCut(const Residue &residue, const Region &region, const ir::Table &table,
                           const WrittenCost &written, const CutGoal &goal) {
  Columns columns(table, region);
  columns.add(residue.list, region);
  double now = costOf(residue, table, written).expected.nanoseconds(goal.cost);
  bool anyCut = goal.mostRules && columns.rules > *goal.mostRules;
  if (columns.rules == 0 || (goal.mostRules && !anyCut))
    return std::nullopt;
  std::optional<Cut> best;
  double bestPrice = 0;
  for (unsigned field = 0; field != packet::kFieldCount; ++field) {
    Column &column = columns.of[field];
    std::vector<Value> starts = startsOf(column, goal.cost.fanOut);
    if (starts.empty())
      continue;
    Forecast then = forecast(columns, column, starts, residue.policyWeight);
    double price = priceOf(starts, goal.cost) + now * then.left;
    double weighed = price * std::pow(std::max(1.0, then.repeated), 0.15);
    if ((anyCut || price < now) && (!best || weighed < bestPrice)) {
      best = Cut{Field(field), std::move(starts), now - price};
      bestPrice = weighed;
    }
  }
  return best;
}

std::vector<Interval> branchesOf(const Cut &cut, const Region &region) {
  Interval all = region.of(cut.field);
  std::vector<Interval> branches;
  for (Value start : cut.starts) {
    branches.push_back({all.lo, start - 1});
    all.lo = start;
  }
  branches.push_back(all);
  return branches;
}

static List spread(const List &list, const Region &region, const Cut &cut, const ir::Table &table) {
  List parts = list;
  for (Entry &entry : parts) {
    Region own = narrowedBy(entry, table, region);
    Interval values = own.of(cut.field);
    if (entry.inner)
      entry.inner = std::make_shared<const List>(spread(*entry.inner, own, cut, table));
    else
      entry.weight /= double(branchOf(cut.starts, values.hi) - branchOf(cut.starts, values.lo) + 1);
  }
  return parts;
}

Residue spread(const Residue &residue, const Region &region, const Cut &cut, const ir::Table &table) {
  return {spread(residue.list, region, cut, table), residue.policyWeight / double(cut.starts.size() + 1)};
}

} // namespace iptlint::tree
