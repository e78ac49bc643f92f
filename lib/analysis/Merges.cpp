#include "analysis/Merges.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

using ir::Interval;
using ir::RangeTest;
using ir::RuleId;
using ir::TargetKind;

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

/// A rule that may be merged with others, as far as one of its tests is concerned.
struct Candidate {
  uint64_t key = 0; ///< the same for all that are alike but for this test
  Field field = Field::Src;
  uint32_t rule = 0;
  uint32_t test = 0;
};

/// Rules of one chain that could become one: these have become one so far.
struct Part {
  std::vector<uint32_t> rules; ///< ascending
  Ranges ranges;
};

class Merging {
public:
  Merging(const ir::Table &table, Moves &moves, uint32_t chain, const std::vector<RuleReach> &reach, bool anyComments,
          const std::function<bool(RuleId)> &mayMerge)
      : rules(table.chains[chain].rules), moves(moves), chain(chain), reach(reach), anyComments(anyComments),
        mayMerge(mayMerge), used(rules.size()) {}

  void run(std::vector<Merge> &merges);

private:
  std::vector<Candidate> candidates() const;
  void addCandidates(uint32_t rule, std::vector<Candidate> &found) const;
  bool isOpen(uint32_t rule) const;
  bool alike(const Candidate &left, const Candidate &right) const;
  std::vector<std::vector<Candidate>> groups();
  std::vector<Part> partsOf(llvm::ArrayRef<Candidate> group) const;
  void mergePorts(std::vector<Part> &parts, Field field) const;
  void mergeAddresses(std::vector<Part> &parts, Field field) const;
  bool mayJoin(const Part &left, const Part &right, Field field) const;
  llvm::StringRef commentOf(const ir::Rule &rule) const { return anyComments ? llvm::StringRef() : rule.comment; }
  bool countersAdd(const Part &part) const;
  const RangeTest &testOf(const Candidate &of) const { return std::get<RangeTest>(rules[of.rule].tests[of.test]); }

  const std::vector<ir::Rule> &rules;
  Moves &moves;
  uint32_t chain;
  const std::vector<RuleReach> &reach;
  bool anyComments;
  const std::function<bool(RuleId)> &mayMerge;
  std::vector<bool> used; ///< by rule: some merge has it
};

} // namespace

static bool hasState(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

bool Merging::isOpen(uint32_t r) const {
  const ir::Rule &rule = rules[r];
  TargetKind kind = rule.target.kind;
  if (reach[r].status != Status::Live || reach[r].redundantWhenLive || rule.broken)
    return false;
  if (kind == TargetKind::None || mayDoAnything(rule) || (mayMerge && !mayMerge({chain, r})))
    return false;
  return llvm::none_of(rule.tests, hasState);
}

static uint64_t hashOf(const ir::Test &test) {
  if (auto *range = std::get_if<RangeTest>(&test)) {
    llvm::hash_code code = llvm::hash_combine(unsigned(range->field), range->negated, range->orField.has_value());
    for (const Interval &each : range->ranges)
      code = llvm::hash_combine(code, uint64_t(each.lo), uint64_t(each.lo >> 64), uint64_t(each.hi),
                                uint64_t(each.hi >> 64));
    return code;
  }
  if (auto *mask = std::get_if<ir::MaskTest>(&test))
    return llvm::hash_combine(unsigned(mask->field), mask->negated, uint64_t(mask->mask), uint64_t(mask->value));
  if (auto *opaque = std::get_if<ir::OpaqueTest>(&test))
    return llvm::hash_combine(opaque->text, opaque->negated);
  return std::get<ir::UnionTest>(test).negated;
}

/// A positive test of an address or a port that could be a wider one.
static const RangeTest *slotIn(const ir::Test &test) {
  auto *range = std::get_if<RangeTest>(&test);
  if (!range || range->negated || range->orField || range->ranges.empty())
    return nullptr;
  bool isPort = range->field == Field::Sport || range->field == Field::Dport;
  return isPort || (isAddress(range->field) && range->ranges.size() == 1) ? range : nullptr;
}

void Merging::addCandidates(uint32_t r, std::vector<Candidate> &found) const {
  const ir::Rule &rule = rules[r];
  // The sum of the tests' hashes, so that one of them can be taken out again.
  uint64_t all = llvm::hash_combine(rule.target.name, rule.target.options, commentOf(rule), unsigned(rule.target.kind));
  for (const ir::Test &test : rule.tests)
    all += hashOf(test);
  for (uint32_t t = 0; t != rule.tests.size(); ++t) {
    const RangeTest *slot = slotIn(rule.tests[t]);
    if (!slot)
      continue;
    bool again = llvm::any_of(rule.tests, [&](const ir::Test &other) {
      auto *range = std::get_if<RangeTest>(&other);
      return range && range != slot && (range->field == slot->field || range->orField == slot->field);
    });
    if (!again)
      found.push_back({all - hashOf(rule.tests[t]), slot->field, r, t});
  }
}

/// Those of one key together, each such group in the order of rules.
std::vector<Candidate> Merging::candidates() const {
  std::vector<Candidate> found;
  for (uint32_t r = 0; r != rules.size(); ++r)
    if (isOpen(r))
      addCandidates(r, found);
  llvm::sort(found, [](const Candidate &a, const Candidate &b) {
    return std::tie(a.key, a.field, a.rule) < std::tie(b.key, b.field, b.rule);
  });
  return found;
}

bool Merging::alike(const Candidate &left, const Candidate &right) const {
  const ir::Rule &one = rules[left.rule], &other = rules[right.rule];
  if (left.field != right.field || left.test != right.test || one.tests.size() != other.tests.size() ||
      commentOf(one) != commentOf(other) || one.target.kind != other.target.kind || one.target.name != other.target.name ||
      one.target.options != other.target.options)
    return false;
  for (size_t t = 0; t != one.tests.size(); ++t)
    if (t != left.test && !(one.tests[t] == other.tests[t]))
      return false;
  return true;
}

/// Rules that are alike but for one test, two at least; in the order of their first rules.
std::vector<std::vector<Candidate>> Merging::groups() {
  std::vector<Candidate> found = candidates();
  std::vector<std::vector<Candidate>> groups;
  for (auto from = found.begin(); from != found.end();) {
    auto to = std::find_if(from, found.end(),
                           [&](const Candidate &of) { return of.key != from->key || of.field != from->field; });
    if (to - from > 1) {
      std::vector<Candidate> group;
      std::copy_if(from, to, std::back_inserter(group), [&](const Candidate &of) { return alike(*from, of); });
      if (group.size() > 1)
        groups.push_back(std::move(group));
    }
    from = to;
  }
  llvm::sort(groups, [](const auto &a, const auto &b) {
    return std::tie(a.front().rule, a.front().field) < std::tie(b.front().rule, b.front().field);
  });
  return groups;
}

// --- which of them may become one

/// Whether all rules of both may stand where the first of them does. A rule that lets its packets go on would have
/// packets that several match more than once.
bool Merging::mayJoin(const Part &left, const Part &right, Field field) const {
  const ir::Rule &rule = rules[left.rules.front()];
  bool letsGoOn = rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Continue;
  if (letsGoOn && (overlap(left.ranges, right.ranges) || moves.mayWrite(rule, field)))
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

/// Where the rules pass none that has packets in common with them, each packet is counted where it was.
bool Merging::countersAdd(const Part &part) const {
  uint32_t first = part.rules.front();
  auto passesNone = [&](uint32_t r) { return moves.mayMoveUp({chain, r}, first + 1, /*apart=*/true); };
  return llvm::all_of(llvm::makeArrayRef(part.rules).drop_front(), passesNone);
}

void Merging::run(std::vector<Merge> &merges) {
  for (const std::vector<Candidate> &group : groups()) {
    Field field = group.front().field;
    std::vector<Part> parts = partsOf(group);
    if (isAddress(field))
      mergeAddresses(parts, field);
    else
      mergePorts(parts, field);
    for (const Part &part : parts) {
      if (part.rules.size() < 2)
        continue;
      Merge merge{{}, field, part.ranges, countersAdd(part)};
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
