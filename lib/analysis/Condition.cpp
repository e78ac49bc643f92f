#include "analysis/Condition.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

/// A product of alternatives with more boxes than this is out of hand, and the condition only bounded ...
constexpr size_t kMaxProduct = 1024;
/// ... unless all but one of its tests have so few of them.
constexpr size_t kMaxRepetitions = 16;
/// Of so many pairs of alternatives it is tried how many have packets in common.
constexpr size_t kMostTried = size_t(1) << 16;

static Value allBits(Field field, packet::Family family) {
  return ~Value(0) >> (128 - packet::bits(field, family));
}

// --- One test as alternatives

namespace {

/// Conditions of one test in one state. Each function returns alternatives: boxes, one of which must hold.
class Alternatives {
public:
  Alternatives(const State &state, const Grouping &grouping, Space &space, packet::Family family)
      : state(state), grouping(grouping), space(space), family(family) {}

  std::vector<ValueBox> boxes;
  bool approximate = false;

  void addRange(const ir::RangeTest &test, Field field, bool negated) {
    if (!negated)
      for (const ir::Interval &range : test.ranges)
        addInterval(field, range.lo, range.hi);
    else
      addGaps(test, field);
  }

  void addMask(const ir::MaskTest &test) {
    Value mask = test.mask & allBits(test.field, family);
    if (test.value & ~mask) {
      if (test.negated)
        boxes.emplace_back();
      return;
    }
    if (isBlurred(test.field, mask))
      return;
    ValueBox all;
    bool possible = true;
    for (Value group : grouping.groups(test.field))
      if (group & mask)
        possible &= addGroup(test, group, all);
    if (!test.negated && possible)
      boxes.push_back(all);
    if (test.negated && !possible)
      boxes.emplace_back();
    else if (test.negated)
      for (const ValueBounds &bound : all)
        addOutside(bound);
  }

private:
  void addGaps(const ir::RangeTest &test, Field field) {
    Value next = 0, last = allBits(field, family);
    for (const ir::Interval &range : test.ranges) {
      if (range.lo > next)
        addInterval(field, next, range.lo - 1);
      if (range.hi >= last)
        return;
      next = range.hi + 1;
    }
    addInterval(field, next, last);
  }

  /// Fields that are blurred put no constraint: the one unconstrained alternative stands for it.
  bool isBlurred(Field field, Value bits) {
    const FieldState *changed = state.find(field);
    if (!changed || !(changed->blurred & bits))
      return false;
    approximate = true;
    boxes.assign(1, {});
    return true;
  }

  void addInterval(Field field, Value lo, Value hi) {
    hi = std::min(hi, allBits(field, family));
    if (lo > hi || isBlurred(field, ~Value(0)))
      return;
    addPieces(field, grouping.groups(field), lo, hi, {});
  }

  /// lo <= field <= hi, from the most significant group down: the top group strictly between its ends with
  /// anything below, or at an end with the rest in bounds.
  void addPieces(Field field, llvm::ArrayRef<Value> groups, Value lo, Value hi, const ValueBox &prefix) {
    Value group = groups.front();
    Value first = extractBits(lo, group), last = extractBits(hi, group);
    if (groups.size() == 1)
      return addGroupRange(field, group, first, last, prefix, {});
    Value below = 0;
    for (Value other : groups.drop_front())
      below |= other;
    auto rest = groups.drop_front();
    if (first == last)
      return addGroupRange(field, group, first, first, prefix,
                           [&](const ValueBox &box) { addPieces(field, rest, lo & below, hi & below, box); });
    if ((lo & below) != 0) {
      addGroupRange(field, group, first, first, prefix,
                    [&](const ValueBox &box) { addPieces(field, rest, lo & below, below, box); });
      ++first;
    }
    if ((hi & below) != below) {
      addGroupRange(field, group, last, last, prefix,
                    [&](const ValueBox &box) { addPieces(field, rest, 0, hi & below, box); });
      if (last == 0)
        return;
      --last;
    }
    if (first <= last)
      addGroupRange(field, group, first, last, prefix, {});
  }

  /// The group's bits, as they are now, lie in [first, last]: as bounds on what they were.
  void addGroupRange(Field field, Value group, Value first, Value last, const ValueBox &prefix,
                     llvm::function_ref<void(const ValueBox &)> then) {
    auto finish = [&](const ValueBox &box) {
      if (then)
        then(box);
      else
        boxes.push_back(box);
    };
    const FieldState *changed = state.find(field);
    if (changed && (changed->known & group)) {
      Value now = extractBits(changed->constant, group);
      if (first <= now && now <= last)
        finish(prefix);
      return;
    }
    Origin origin = state.originOf(field, group);
    DimensionId dim = space.dimension(origin.field, group, origin.source);
    Value flip = changed ? extractBits(changed->flip, group) : 0;
    forEachFlippedBlock(first, last, flip, [&](Value lo, Value hi) {
      ValueBox box = prefix;
      box.push_back({dim, lo, hi});
      finish(box);
    });
  }

  /// Turning bits round maps an interval to several: an aligned block of a power of two stays a block.
  static void forEachFlippedBlock(Value first, Value last, Value flip, llvm::function_ref<void(Value, Value)> visit) {
    if (flip == 0)
      return visit(first, last);
    while (true) {
      Value size = 1;
      while ((first & size) == 0 && size != 0 && first + (size * 2 - 1) <= last && size * 2 != 0)
        size *= 2;
      Value base = (first ^ flip) & ~(size - 1);
      visit(base, base + (size - 1));
      if (last - first < size)
        return;
      first += size;
    }
  }

  /// Adds the demand of a mask test on one group to \p box; false if it can't be met.
  bool addGroup(const ir::MaskTest &test, Value group, ValueBox &box) {
    Value wanted = extractBits(test.value, group);
    const FieldState *changed = state.find(test.field);
    if (changed && (changed->known & group))
      return extractBits(changed->constant, group) == wanted;
    if (changed)
      wanted ^= extractBits(changed->flip, group);
    Origin origin = state.originOf(test.field, group);
    box.push_back({space.dimension(origin.field, group, origin.source), wanted, wanted});
    return true;
  }

  void addOutside(const ValueBounds &bound) {
    Value last = extractBits(space[bound.dim].mask, space[bound.dim].mask);
    if (bound.lo > 0)
      boxes.push_back({{bound.dim, 0, bound.lo - 1}});
    if (bound.hi < last)
      boxes.push_back({{bound.dim, bound.hi + 1, last}});
  }

  const State &state;
  const Grouping &grouping;
  Space &space;
  packet::Family family;
};

} // namespace

// --- All tests together

static std::vector<ValueBox> product(llvm::ArrayRef<ValueBox> boxes, llvm::ArrayRef<ValueBox> alternatives) {
  std::vector<ValueBox> result;
  for (const ValueBox &box : boxes)
    for (const ValueBox &alternative : alternatives) {
      ValueBox both = box;
      if (intersect(both, alternative))
        result.push_back(std::move(both));
    }
  return result;
}

/// A long list is not out of hand by itself: it is as long in the text. A product of several is.
static bool isOutOfHand(size_t boxes, size_t left, size_t right, size_t most) {
  return boxes > kMaxProduct && (boxes > most || std::min(left, right) > kMaxRepetitions);
}

namespace {

/// Conjoins one test after the other.
class Conjunction {
public:
  Conjunction(const State &state, const Grouping &grouping, Space &space, packet::Family family, size_t most)
      : state(state), grouping(grouping), space(space), family(family), most(most) {
    condition.boxes.emplace_back();
  }

  Condition condition;

  void add(const ir::OpaqueTest &test);
  void add(const ir::MaskTest &test);
  void add(const ir::RangeTest &test);
  void add(const ir::UnionTest &test);

private:
  void add(Alternatives &&test) {
    condition.approximate |= test.approximate;
    size_t left = condition.boxes.size(), right = test.boxes.size();
    // Left out, the test makes the condition wider.
    if (left * right > kMostTried && isOutOfHand(left * right, left, right, most)) {
      condition.approximate = true;
      return;
    }
    std::vector<ValueBox> both = product(condition.boxes, test.boxes);
    if (isOutOfHand(both.size(), left, right, most))
      condition.approximate = true;
    else
      condition.boxes = std::move(both);
  }
  Alternatives alternatives() { return Alternatives(state, grouping, space, family); }

  const State &state;
  const Grouping &grouping;
  Space &space;
  packet::Family family;
  size_t most;
};

} // namespace

void Conjunction::add(const ir::OpaqueTest &test) {
  if (test.opacity == ir::Opacity::Stateful) {
    condition.maybe = true;
    return;
  }
  if (state.conditionsBlurred || space.full()) {
    condition.approximate = true;
    return;
  }
  Value truth = test.negated ? 0 : 1;
  condition.boxes = product(condition.boxes, ValueBox{{space.condition(test.text, state.rewritings), truth, truth}});
}

void Conjunction::add(const ir::MaskTest &test) {
  Alternatives result = alternatives();
  result.addMask(test);
  add(std::move(result));
}

void Conjunction::add(const ir::RangeTest &test) {
  Alternatives first = alternatives();
  first.addRange(test, test.field, test.negated);
  if (test.orField && !test.negated)
    first.addRange(test, *test.orField, false);
  add(std::move(first));
  if (test.orField && test.negated) {
    Alternatives second = alternatives();
    second.addRange(test, *test.orField, true);
    add(std::move(second));
  }
}

void Conjunction::add(const ir::UnionTest &test) {
  Alternatives all = alternatives();
  for (const ir::Alternative &alternative : *test.alternatives) {
    Conjunction one(state, grouping, space, family, most);
    for (const auto &part : alternative)
      std::visit([&](const auto &each) { one.add(each); }, part);
    all.approximate |= one.condition.approximate;
    llvm::move(one.condition.boxes, std::back_inserter(all.boxes));
    if (all.boxes.size() > most)
      break;
  }
  if (test.negated) {
    // Outside of boxes that hold too much lies too little.
    auto outside = all.approximate || all.boxes.size() > most ? std::nullopt : complement(all.boxes, space, most);
    all.approximate = !outside;
    all.boxes = outside ? std::move(*outside) : std::vector<ValueBox>(1);
  }
  add(std::move(all));
}

Condition conditionOf(llvm::ArrayRef<ir::Test> tests, const State &state, const Grouping &grouping, Space &space,
                      packet::Family family, size_t most) {
  Conjunction all(state, grouping, space, family, most);
  for (const ir::Test &test : tests)
    std::visit([&](const auto &each) { all.add(each); }, test);
  if (all.condition.approximate)
    all.condition.maybe = true;
  return std::move(all.condition);
}

} // namespace iptlint::analysis
