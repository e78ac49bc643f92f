#include "analysis/Alike.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

using ir::Interval;
using ir::RangeTest;
using ir::TargetKind;

static bool hasState(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

bool AlikeRules::isOpen(uint32_t r) const {
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

/// The key is a sum of the tests' hashes, so that some of them can be left out.
Candidate AlikeRules::candidate(uint32_t r, llvm::ArrayRef<Slot> slots) const {
  const ir::Rule &rule = rules[r];
  uint64_t key = llvm::hash_combine(rule.target.name, rule.target.options, commentOf(rule), unsigned(rule.target.kind));
  for (const ir::Test &test : rule.tests)
    key += hashOf(test);
  for (Slot slot : slots)
    key -= hashOf(rule.tests[slot.test]);
  return {key, {slots.begin(), slots.end()}, r};
}

bool AlikeRules::isOnly(uint32_t r, const RangeTest &test) const {
  return llvm::none_of(rules[r].tests, [&](const ir::Test &other) {
    auto *range = std::get_if<RangeTest>(&other);
    return range && range != &test && (range->field == test.field || range->orField == test.field);
  });
}

static bool isSlot(const Candidate &of, uint32_t test) {
  return llvm::any_of(of.slots, [&](Slot slot) { return slot.test == test; });
}

static bool haveSameFields(const Candidate &left, const Candidate &right) {
  return std::equal(left.slots.begin(), left.slots.end(), right.slots.begin(), right.slots.end(),
                    [](Slot a, Slot b) { return a.field == b.field; });
}

/// The tests that are no slots, in their order.
std::vector<const ir::Test *> AlikeRules::othersOf(const Candidate &of) const {
  std::vector<const ir::Test *> others;
  for (uint32_t t = 0; t != rules[of.rule].tests.size(); ++t)
    if (!isSlot(of, t))
      others.push_back(&rules[of.rule].tests[t]);
  return others;
}

bool AlikeRules::alike(const Candidate &left, const Candidate &right) const {
  const ir::Rule &one = rules[left.rule], &other = rules[right.rule];
  if (commentOf(one) != commentOf(other) || one.target.kind != other.target.kind ||
      one.target.name != other.target.name || one.target.options != other.target.options)
    return false;
  std::vector<const ir::Test *> mine = othersOf(left), theirs = othersOf(right);
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                    [](const ir::Test *a, const ir::Test *b) { return *a == *b; });
}

std::vector<std::vector<Candidate>> AlikeRules::groups(std::vector<Candidate> found) const {
  auto fieldsOf = [](const Candidate &of) {
    return std::pair(of.slots.front().field, of.slots.size() > 1 ? int(of.slots[1].field) : -1);
  };
  llvm::sort(found, [&](const Candidate &a, const Candidate &b) {
    return std::tuple(a.key, fieldsOf(a), a.rule) < std::tuple(b.key, fieldsOf(b), b.rule);
  });
  std::vector<std::vector<Candidate>> groups;
  for (auto from = found.begin(); from != found.end();) {
    auto to = std::find_if(from, found.end(),
                           [&](const Candidate &of) { return of.key != from->key || !haveSameFields(of, *from); });
    std::vector<Candidate> group;
    std::copy_if(from, to, std::back_inserter(group), [&](const Candidate &of) { return alike(*from, of); });
    if (group.size() > 1)
      groups.push_back(std::move(group));
    from = to;
  }
  llvm::sort(groups, [&](const auto &a, const auto &b) {
    return std::tuple(a.front().rule, fieldsOf(a.front())) < std::tuple(b.front().rule, fieldsOf(b.front()));
  });
  return groups;
}

bool countersAdd(Moves &moves, uint32_t chain, llvm::ArrayRef<uint32_t> rules) {
  return llvm::all_of(rules.drop_front(), [&](uint32_t rule) {
    return moves.mayMoveUp({chain, rule}, rules.front() + 1, /*apart=*/true);
  });
}

} // namespace iptlint::analysis
