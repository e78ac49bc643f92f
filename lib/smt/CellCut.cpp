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

/// What rules ask of one field within the cell: from which least value to which largest, and where it begins and ends.
/// Each weighs as much as the rules that hang on it.
struct Column {
  std::vector<std::pair<Interval, double>> spans;
  std::vector<std::pair<Value, double>> bounds;
};

class Columns {
public:
  Columns(const Cell &cell, const FieldSet &written) : cell(cell), written(written) {}
  void add(const ir::Rule &rule, double weight);
  std::array<Column, packet::kFieldCount> of;
  double weight = 0;

private:
  const Cell &cell;
  const FieldSet &written;
};

/// How many rules a chain leads to, itself included: those of a chain that is called twice count twice.
class Reach {
public:
  explicit Reach(const Slice &slice) : slice(slice) {}
  double of(const ir::Rule &rule) { return isLeading(rule) ? 1 + ofChain(rule.target.chain) : 1; }

private:
  static bool isLeading(const ir::Rule &rule) {
    return rule.target.chain != ir::kNoChain &&
           (rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto);
  }
  double ofChain(uint32_t chain);

  const Slice &slice;
  llvm::DenseMap<uint32_t, double> known;
  unsigned depth = 0;
};

/// Chains are not looked into deeper than this: they may lead round in a circle.
constexpr unsigned kDeepest = 64;

} // namespace

double Reach::ofChain(uint32_t chain) {
  if (auto found = known.find(chain); found != known.end())
    return found->second;
  if (depth == kDeepest)
    return 0;
  ++depth;
  double sum = 0;
  for (const ir::Rule *rule : slice.rulesOf(chain))
    sum += of(*rule);
  --depth;
  return known[chain] = std::min(sum, kMostRules);
}

void Columns::add(const ir::Rule &rule, double weighs) {
  weight += weighs;
  for (const ir::Test &test : rule.tests) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (!range || range->orField || range->ranges.empty() || range->ranges.size() > kMostRanges ||
        written[unsigned(range->field)])
      continue;
    Column &column = of[unsigned(range->field)];
    Interval here = cell.of(range->field);
    for (Interval values : range->ranges) {
      if (here.lo < values.lo && values.lo <= here.hi)
        column.bounds.push_back({values.lo, weighs});
      if (here.lo <= values.hi && values.hi < here.hi)
        column.bounds.push_back({values.hi + 1, weighs});
    }
    if (!range->negated)
      column.spans.push_back({{range->ranges.front().lo, range->ranges.back().hi}, weighs});
  }
}

static void addSample(const Slice &slice, Columns &columns) {
  Reach reach(slice);
  size_t step = slice.size() / kSample + 1, skip = 0;
  slice.forEachRule([&](const ir::Rule &rule) {
    if (skip++ % step == 0)
      columns.add(rule, reach.of(rule));
  });
}

/// The bound with as much weight below as above.
static Value middleOf(std::vector<std::pair<Value, double>> &bounds) {
  llvm::sort(bounds);
  double all = 0, below = 0;
  for (const auto &bound : bounds)
    all += bound.second;
  for (const auto &[value, weight] : bounds)
    if ((below += weight) * 2 >= all)
      return value;
  return bounds.back().first;
}

std::optional<CellCut> bestCut(const Slice &before, const Slice &after, const Cell &cell) {
  Columns columns(cell, before.writtenFields());
  addSample(before, columns);
  addSample(after, columns);
  double all = columns.weight, least = 0.85 * 2 * all * all;
  std::optional<CellCut> best;
  for (unsigned field = 0; field != packet::kFieldCount; ++field) {
    Column &column = columns.of[field];
    if (column.bounds.empty())
      continue;
    Value middle = middleOf(column.bounds);
    double below = all, above = all;
    for (const auto &[span, weight] : column.spans) {
      below -= span.lo >= middle ? weight : 0;
      above -= span.hi < middle ? weight : 0;
    }
    if (double effort = below * below + above * above; effort < least) {
      best = CellCut{Field(field), middle};
      least = effort;
    }
  }
  return best;
}

} // namespace iptlint::smt
