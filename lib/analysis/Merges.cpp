#include "analysis/Merges.h"
#include "analysis/Alike.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

using ir::Interval;
using ir::RangeTest;
using ir::RuleId;

using Ranges = llvm::SmallVector<Interval, 1>;

static bool isAddress(Field field) {
  return field == Field::Src || field == Field::Dst;
}

/// Whether the interval is all that begins with certain bits.
static bool isPrefix(const Interval &interval) {
  Value size = interval.hi - interval.lo + 1;
  return (size & (size - 1)) == 0 && (interval.lo & (size - 1)) == 0;
}

unsigned portsTaken(llvm::ArrayRef<Interval> ranges) {
  unsigned taken = 0;
  for (const Interval &range : ranges)
    taken += range.lo == range.hi ? 1 : 2;
  return taken;
}

/// Sorted, and put together where they touch.
static Ranges unionOf(const Ranges &left, const Ranges &right) {
  Ranges all = left, joined;
  all.append(right.begin(), right.end());
  llvm::sort(all, [](const Interval &a, const Interval &b) { return a.lo < b.lo; });
  for (const Interval &next : all)
    if (!joined.empty() && (next.lo == 0 || next.lo - 1 <= joined.back().hi))
      joined.back().hi = std::max(joined.back().hi, next.hi);
    else
      joined.push_back(next);
  return joined;
}

static bool overlap(const Ranges &left, const Ranges &right) {
  return llvm::any_of(left, [&](const Interval &a) {
    return llvm::any_of(right, [&](const Interval &b) { return a.lo <= b.hi && b.lo <= a.hi; });
  });
}

// --- which rules are alike

namespace {

/// Rules of one chain that could become one: these have become one so far.
struct Part {
  std::vector<uint32_t> rules; ///< ascending
  Ranges ranges;
};

class Merging {
public:
  Merging(const ir::Table &table, Moves &moves, uint32_t chain, const std::vector<RuleReach> &reach, bool anyComments,
          const std::function<bool(RuleId)> &mayMerge)
      : rules(table.chains[chain].rules), moves(moves), chain(chain),
        all(table, chain, reach, anyComments, mayMerge), used(rules.size()) {}

  void run(std::vector<Merge> &merges);

private:
  std::vector<Candidate> candidates() const;
  std::vector<Part> partsOf(llvm::ArrayRef<Candidate> group) const;
  void mergePorts(std::vector<Part> &parts, Field field) const;
  void mergeAddresses(std::vector<Part> &parts, Field field) const;
  bool mayJoin(const Part &left, const Part &right, Field field) const;
  const RangeTest &testOf(const Candidate &of) const {
    return std::get<RangeTest>(rules[of.rule].tests[of.slots.front().test]);
  }

  const std::vector<ir::Rule> &rules;
  Moves &moves;
  uint32_t chain;
  AlikeRules all;
  std::vector<bool> used; ///< by rule: some merge has it
};

} // namespace

/// A positive test of an address or a port that could be a wider one.
static const RangeTest *slotIn(const ir::Test &test) {
  auto *range = std::get_if<RangeTest>(&test);
  if (!range || range->negated || range->orField || range->ranges.empty())
    return nullptr;
  bool isPort = range->field == Field::Sport || range->field == Field::Dport;
  return isPort || (isAddress(range->field) && range->ranges.size() == 1) ? range : nullptr;
}

/// One for each rule and each of its tests that could be a wider one.
std::vector<Candidate> Merging::candidates() const {
  std::vector<Candidate> found;
  for (uint32_t r = 0; r != rules.size(); ++r)
    for (uint32_t t = 0; t != rules[r].tests.size() && all.isOpen(r); ++t)
      if (const RangeTest *slot = slotIn(rules[r].tests[t]); slot && all.isOnly(r, *slot))
        found.push_back(all.candidate(r, Slot{slot->field, t}));
  return found;
}

// --- which of them may become one

/// Whether all rules of both may stand where the first of them does. A rule that lets its packets go on would have
/// packets that several match more than once.
bool Merging::mayJoin(const Part &left, const Part &right, Field field) const {
  const ir::Rule &rule = rules[left.rules.front()];
  if (letsGoOn(rule) && (overlap(left.ranges, right.ranges) || moves.mayWrite(rule, field)))
    return false;
  uint32_t first = std::min(left.rules.front(), right.rules.front());
  auto mayMove = [&](uint32_t r) { return r == first || moves.mayMoveUp({chain, r}, first + 1); };
  // Those of the part that has the first of them stand where they may already.
  return llvm::all_of(left.rules.front() == first ? right.rules : left.rules, mayMove);
}

static Part joined(const Part &left, const Part &right) {
  Part both{left.rules, unionOf(left.ranges, right.ranges)};
  both.rules.insert(both.rules.end(), right.rules.begin(), right.rules.end());
  llvm::sort(both.rules);
  return both;
}

/// One after the other, as long as one multiport holds them.
void Merging::mergePorts(std::vector<Part> &parts, Field field) const {
  std::vector<Part> done;
  for (Part &part : parts) {
    if (!done.empty() && portsTaken(unionOf(done.back().ranges, part.ranges)) <= kMostPorts &&
        mayJoin(done.back(), part, field))
      done.back() = joined(done.back(), part);
    else
      done.push_back(std::move(part));
  }
  parts = std::move(done);
}

/// In the order of addresses: two halves of a prefix become that prefix, which may be half of another one.
void Merging::mergeAddresses(std::vector<Part> &parts, Field field) const {
  llvm::stable_sort(parts, [](const Part &a, const Part &b) { return a.ranges.front().lo < b.ranges.front().lo; });
  std::vector<Part> done;
  for (Part &part : parts) {
    done.push_back(std::move(part));
    while (done.size() > 1) {
      const Part &left = done[done.size() - 2], &right = done.back();
      Ranges both = unionOf(left.ranges, right.ranges);
      bool prefixes = isPrefix(left.ranges.front()) && isPrefix(right.ranges.front());
      if (both.size() != 1 || (prefixes && !isPrefix(both.front())) || !mayJoin(left, right, field))
        break;
      Part one = joined(left, right);
      done.pop_back();
      done.back() = std::move(one);
    }
  }
  parts = std::move(done);
}

std::vector<Part> Merging::partsOf(llvm::ArrayRef<Candidate> group) const {
  std::vector<Part> parts;
  for (const Candidate &each : group)
    if (!used[each.rule])
      parts.push_back({{each.rule}, testOf(each).ranges});
  return parts;
}

void Merging::run(std::vector<Merge> &merges) {
  for (const std::vector<Candidate> &group : all.groups(candidates())) {
    Field field = group.front().slots.front().field;
    std::vector<Part> parts = partsOf(group);
    if (isAddress(field))
      mergeAddresses(parts, field);
    else
      mergePorts(parts, field);
    for (const Part &part : parts) {
      if (part.rules.size() < 2)
        continue;
      Merge merge{{}, field, part.ranges, countersAdd(moves, chain, part.rules)};
      for (uint32_t rule : part.rules) {
        merge.rules.push_back({chain, rule});
        used[rule] = true;
      }
      merges.push_back(std::move(merge));
    }
  }
}

std::vector<Merge> findMerges(const ir::Table &table, Moves &moves, const std::vector<std::vector<RuleReach>> &reach,
                              bool anyComments, const std::function<bool(RuleId)> &mayMerge) {
  std::vector<Merge> merges;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    Merging(table, moves, chain, reach[chain], anyComments, mayMerge).run(merges);
  llvm::sort(merges, [](const Merge &a, const Merge &b) { return a.rules.front() < b.rules.front(); });
  return merges;
}

} // namespace iptlint::analysis
