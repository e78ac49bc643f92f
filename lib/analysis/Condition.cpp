#include "analysis/Condition.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

/// A condition with more boxes than this is only bounded: its product of alternatives is out of hand.
constexpr size_t kMaxBoxes = 1024;

static Value allBits(Field field, packet::Family family) {
  return ~Value(0) >> (128 - packet::bits(field, family));
}

// --- Grouping

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
  std::array<bool, packet::kFieldCount> inRanges{};
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    byField[i] = {allBits(Field(i), family)};
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      for (const ir::Test &test : rule.tests) {
        if (auto *range = std::get_if<ir::RangeTest>(&test)) {
          inRanges[unsigned(range->field)] = true;
          if (range->orField)
            inRanges[unsigned(*range->orField)] = true;
        } else if (auto *masked = std::get_if<ir::MaskTest>(&test)) {
          split(byField[unsigned(masked->field)], masked->mask);
        }
      }
      for (const ir::Write &write : rule.target.writes)
        split(byField[unsigned(write.field)], write.keep);
    }
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    if (byField[i].size() > 1 && inRanges[i])
      splitIntoRuns(byField[i]);
    llvm::sort(byField[i], std::greater<>());
  }
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
      return addGroupRange(field, group, first, first, prefix, [&](const ValueBox &box) {
        addPieces(field, rest, lo & below, hi & below, box);
      });
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
    DimensionId dim = space.dimension(field, group, changed ? changed->sourceOf(group) : 0);
    Value flip = changed ? extractBits(changed->flip, group) : 0;
    forEachFlippedBlock(first, last, flip, [&](Value lo, Value hi) {
      ValueBox box = prefix;
      box.push_back({dim, lo, hi});
      finish(box);
    });
  }

  /// Turning bits round maps an interval to several: an aligned block of a power of two stays a block.
  static void forEachFlippedBlock(Value first, Value last, Value flip,
                                  llvm::function_ref<void(Value, Value)> visit) {
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
    box.push_back({space.dimension(test.field, group, changed ? changed->sourceOf(group) : 0), wanted, wanted});
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

/// Narrows \p box by \p bound; false if nothing is left.
static bool narrow(ValueBox &box, const ValueBounds &bound) {
  auto at = llvm::lower_bound(box, bound, [](const auto &a, const auto &b) { return a.dim < b.dim; });
  if (at == box.end() || at->dim != bound.dim) {
    box.insert(at, bound);
    return true;
  }
  at->lo = std::max(at->lo, bound.lo);
  at->hi = std::min(at->hi, bound.hi);
  return at->lo <= at->hi;
}

bool intersect(ValueBox &box, const ValueBox &other) {
  return llvm::all_of(other, [&](const ValueBounds &bound) { return narrow(box, bound); });
}

ValueBoxes::Range ValueBoxes::keep(llvm::ArrayRef<ValueBox> boxes) {
  uint32_t first = uint32_t(starts.size() - 1);
  for (const ValueBox &box : boxes) {
    bounds.insert(bounds.end(), box.begin(), box.end());
    starts.push_back(uint32_t(bounds.size()));
  }
  return {first, uint32_t(starts.size() - 1)};
}

static Value lastValue(const Space &space, DimensionId dim) {
  return space[dim].opaque() ? 1 : extractBits(space[dim].mask, space[dim].mask);
}

std::vector<ValueBox> outside(ValueBox box, const ValueBox &other, const Space &space) {
  std::vector<ValueBox> parts;
  for (const ValueBounds &bound : other) {
    auto addPart = [&](Value lo, Value hi) {
      ValueBox part = box;
      if (narrow(part, {bound.dim, lo, hi}))
        parts.push_back(std::move(part));
    };
    if (bound.lo > 0)
      addPart(0, bound.lo - 1);
    if (Value last = lastValue(space, bound.dim); bound.hi < last)
      addPart(bound.hi + 1, last);
    if (!narrow(box, bound))
      break; // they don't overlap: all of the box has been added
  }
  return parts;
}

static void conjoin(Condition &condition, llvm::ArrayRef<ValueBox> alternatives) {
  std::vector<ValueBox> result;
  for (const ValueBox &box : condition.boxes)
    for (const ValueBox &alternative : alternatives) {
      ValueBox both = box;
      if (intersect(both, alternative))
        result.push_back(std::move(both));
    }
  condition.boxes = std::move(result);
}

static void conjoin(Condition &condition, Alternatives &&test) {
  condition.approximate |= test.approximate;
  if (condition.boxes.size() * test.boxes.size() > kMaxBoxes)
    condition.approximate = true; // leave this test out: a wider condition
  else
    conjoin(condition, llvm::makeArrayRef(test.boxes));
}

Condition conditionOf(llvm::ArrayRef<ir::Test> tests, const State &state, const Grouping &grouping, Space &space,
                      packet::Family family) {
  Condition condition;
  condition.boxes.emplace_back();
  for (const ir::Test &test : tests) {
    if (auto *opaque = std::get_if<ir::OpaqueTest>(&test)) {
      if (opaque->opacity == ir::Opacity::Stateful) {
        condition.maybe = true;
        continue;
      }
      if (state.conditionsBlurred || space.full()) {
        condition.approximate = true;
        continue;
      }
      Value truth = opaque->negated ? 0 : 1;
      conjoin(condition, {ValueBox{{space.condition(opaque->text, state.rewritings), truth, truth}}});
      continue;
    }
    auto alternatives = [&] { return Alternatives(state, grouping, space, family); };
    if (auto *masked = std::get_if<ir::MaskTest>(&test)) {
      Alternatives result = alternatives();
      result.addMask(*masked);
      conjoin(condition, std::move(result));
      continue;
    }
    const auto &range = std::get<ir::RangeTest>(test);
    Alternatives first = alternatives();
    first.addRange(range, range.field, range.negated);
    if (range.orField && !range.negated)
      first.addRange(range, *range.orField, false);
    conjoin(condition, std::move(first));
    if (range.orField && range.negated) {
      Alternatives second = alternatives();
      second.addRange(range, *range.orField, true);
      conjoin(condition, std::move(second));
    }
  }
  if (condition.approximate)
    condition.maybe = true;
  return condition;
}

} // namespace iptlint::analysis
