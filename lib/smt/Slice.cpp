#include "smt/Slice.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

namespace {

/// Of the packets of a cell: none, or all, or not known to be either.
enum class Meets : uint8_t { None, Some, All };

/// Sets of more alternatives are not looked into.
constexpr size_t kMostAlternatives = 64;

/// What the tests of rules say of a cell.
class Judge {
public:
  Judge(const Cell &cell, const FieldSet &written) : cell(cell), written(written) {}

  Meets rule(const ir::Rule &rule) const;
  Meets test(const ir::RangeTest &test) const;
  Meets test(const ir::MaskTest &test) const;
  Meets test(const ir::UnionTest &test) const;
  Meets test(const ir::OpaqueTest &) const { return Meets::Some; }

private:
  Meets values(Field field, llvm::ArrayRef<Interval> ranges) const;

  const Cell &cell;
  const FieldSet &written;
};

} // namespace

static Meets turned(Meets meets, bool negated) {
  return !negated || meets == Meets::Some ? meets : meets == Meets::None ? Meets::All : Meets::None;
}

Meets Judge::values(Field field, llvm::ArrayRef<Interval> ranges) const {
  if (written[unsigned(field)])
    return Meets::Some;
  Interval here = cell.of(field);
  auto *first = llvm::partition_point(ranges, [&](Interval range) { return range.hi < here.lo; });
  if (first == ranges.end() || first->lo > here.hi)
    return Meets::None;
  return first->lo <= here.lo && here.hi <= first->hi ? Meets::All : Meets::Some;
}

Meets Judge::test(const ir::RangeTest &test) const {
  Meets meets = values(test.field, test.ranges);
  if (test.orField)
    if (Meets other = values(*test.orField, test.ranges); other == Meets::All || meets == Meets::None)
      meets = other;
  return turned(meets, test.negated);
}

Meets Judge::test(const ir::MaskTest &test) const {
  Interval here = cell.of(test.field);
  if (written[unsigned(test.field)] || here.lo != here.hi)
    return Meets::Some;
  return turned((here.lo & test.mask) == test.value ? Meets::All : Meets::None, test.negated);
}

Meets Judge::test(const ir::UnionTest &union_) const {
  if (union_.alternatives->size() > kMostAlternatives)
    return Meets::Some;
  Meets any = Meets::None;
  for (const ir::Alternative &alternative : *union_.alternatives) {
    Meets all = Meets::All;
    for (const auto &part : alternative)
      all = std::min(all, std::visit([&](const auto &each) { return test(each); }, part));
    any = std::max(any, all);
  }
  return turned(any, union_.negated);
}

Meets Judge::rule(const ir::Rule &rule) const {
  if (rule.broken)
    return Meets::Some;
  Meets all = Meets::All;
  for (const ir::Test &each : rule.tests) {
    auto *opaque = std::get_if<ir::OpaqueTest>(&each);
    if (opaque && opaque->opacity == ir::Opacity::Stateful)
      return Meets::Some;
    all = std::min(all, std::visit([&](const auto &of) { return test(of); }, each));
    if (all == Meets::None)
      return all;
  }
  return all;
}

/// Whether no packet that meets the condition comes to the next rule of the chain.
static bool leavesChain(const ir::Rule &rule) {
  switch (rule.target.kind) {
  case ir::TargetKind::Accept:
  case ir::TargetKind::Drop:
  case ir::TargetKind::Verdict:
  case ir::TargetKind::Return:
  case ir::TargetKind::Goto:
    return !rule.broken;
  default:
    return false;
  }
}

static bool keepsState(const ir::Rule &rule) {
  return llvm::any_of(rule.tests, [](const ir::Test &test) {
    auto *opaque = std::get_if<ir::OpaqueTest>(&test);
    return opaque && opaque->opacity == ir::Opacity::Stateful;
  });
}

uint32_t Slice::add(uint32_t chain) {
  auto [entry, isNew] = numbers.try_emplace(chain, uint32_t(chains.size()));
  if (isNew)
    chains.push_back(chain);
  return entry->second;
}

/// Fills the slice from its built-in chain on. \p rulesOfChain gives pointers to the rules that a chain has.
template <typename RulesOf> void Slice::gather(RulesOf rulesOfChain) {
  Judge judge(cell, written);
  if (root)
    add(numberOfHook());
  for (size_t next = 0; next != chains.size(); ++next) {
    std::vector<const ir::Rule *> &list = lists.emplace_back();
    for (const ir::Rule *rule : rulesOfChain(chains[next])) {
      Meets meets = judge.rule(*rule);
      if (meets == Meets::None)
        continue;
      list.push_back(rule);
      withState += keepsState(*rule);
      if (leadsToChain(rule->target))
        add(rule->target.chain);
      if (meets == Meets::All && leavesChain(*rule))
        break;
    }
    rules += list.size();
  }
}

Slice::Slice(const ir::Table &table, const ir::Chain *chain, const FieldSet &written, packet::Family family)
    : Slice(table, chain, written, Cell(family)) {
  std::vector<const ir::Rule *> all;
  gather([&](uint32_t number) {
    all.clear();
    for (const ir::Rule &rule : table.chains[number].rules)
      all.push_back(&rule);
    return llvm::makeArrayRef(all);
  });
}

Slice Slice::within(const Cell &part) const {
  Slice slice(*of, root, written, part);
  slice.gather([&](uint32_t chain) { return rulesOf(chain); });
  return slice;
}

std::optional<bool> Slice::known(const ir::Test &test) const {
  Judge judge(cell, written);
  Meets meets = std::visit([&](const auto &each) { return judge.test(each); }, test);
  return meets == Meets::Some ? std::nullopt : std::optional(meets == Meets::All);
}

ir::RangeTest Slice::trimmed(const ir::RangeTest &test) const {
  if (test.orField || written[unsigned(test.field)])
    return test;
  Interval here = cell.of(test.field);
  auto *first = llvm::partition_point(test.ranges, [&](Interval range) { return range.hi < here.lo; });
  auto *last = std::find_if(first, test.ranges.end(), [&](Interval range) { return range.lo > here.hi; });
  return {test.field, std::nullopt, test.negated, {first, last}};
}

ir::UnionTest Slice::trimmed(const ir::UnionTest &test) const {
  Judge judge(cell, written);
  auto alternatives = std::make_shared<std::vector<ir::Alternative>>();
  for (const ir::Alternative &whole : *test.alternatives) {
    ir::Alternative left;
    for (const auto &part : whole) {
      if (std::visit([&](const auto &each) { return judge.test(each); }, part) == Meets::None)
        break;
      auto *range = std::get_if<ir::RangeTest>(&part);
      left.push_back(range ? trimmed(*range) : part);
    }
    if (left.size() == whole.size())
      alternatives->push_back(std::move(left));
  }
  return {test.negated, std::move(alternatives)};
}

llvm::ArrayRef<const ir::Rule *> Slice::rulesOf(uint32_t chain) const {
  auto found = numbers.find(chain);
  return found == numbers.end() ? llvm::ArrayRef<const ir::Rule *>() : llvm::makeArrayRef(lists[found->second]);
}

} // namespace iptlint::smt
