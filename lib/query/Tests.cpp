// What tests ask of a part, in terms of the packets as they entered; what targets write.
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::query {

Held Walk::heldBy(const Part &part, Field field) const {
  for (const auto &[changed, held] : part.changed)
    if (changed == field)
      return held;
  if (!answer.open.test(unsigned(field)))
    return {field, 0, answer.plain[field], true};
  return {field,
          packet::maxValue(field, question.family) | ((Value(1) << (packet::bits(field, question.family) - 1)) - 1), 0,
          true};
}

void Walk::hold(Part &part, Field field, Held held) const {
  auto found = llvm::find_if(part.changed, [&](const auto &each) { return each.first == field; });
  if (found != part.changed.end())
    found->second = held;
  else
    part.changed.push_back({field, held});
}

/// Whether all bits of the entering field are as they were.
static bool isWhole(const Held &held, packet::Family family) {
  Value all = packet::maxValue(held.of, family);
  return held.known && held.flip == 0 && (held.keep & all) == all && held.keep != 0;
}

std::optional<Ranges> Walk::valuesOf(const Part &part, Field field) const {
  Held held = heldBy(part, field);
  if (!held.known)
    return std::nullopt;
  if (held.keep == 0)
    return Ranges{{held.flip, held.flip}};
  Ranges entering = part.region.valuesOf(held.of);
  if (isWhole(held, question.family))
    return entering;
  if (entering.size() != 1 || entering[0].lo != entering[0].hi)
    return std::nullopt;
  Value value = (entering[0].lo & held.keep) ^ held.flip;
  return Ranges{{value, value}};
}

std::optional<Value> Walk::valueOf(const Part &part, Field field) const {
  std::optional<Ranges> values = valuesOf(part, field);
  return values && values->size() == 1 && (*values)[0].lo == (*values)[0].hi ? std::optional((*values)[0].lo)
                                                                             : std::nullopt;
}

static Asked constant(bool holds) {
  return holds ? Asked{Asked::Kind::Boxes, {Box()}} : Asked{};
}

static Asked inBox(Field field, const Ranges &values) {
  Asked asked;
  Box box;
  if (box.restrict(field, values))
    asked.boxes.push_back(std::move(box));
  return asked;
}

static const Asked unclear{Asked::Kind::Unclear, {}};

Asked Walk::ask(const Part &part, Field field, bool negated, llvm::ArrayRef<ir::Interval> ranges) const {
  Held held = heldBy(part, field);
  if (std::optional<Value> value = valueOf(part, field))
    return constant(has(ranges, *value) != negated);
  if (isWhole(held, question.family))
    return inBox(held.of, negated ? outside(ranges, packet::maxValue(held.of, question.family))
                                  : Ranges(ranges.begin(), ranges.end()));
  if (ranges.size() == 1 && ranges[0].lo == ranges[0].hi)
    return ask(part, ir::MaskTest{field, negated, ~Value(0), ranges[0].lo});
  return unclear;
}

Asked Walk::ask(const Part &part, const ir::RangeTest &test) const {
  if (!test.orField)
    return ask(part, test.field, test.negated, test.ranges);
  Asked first = ask(part, test.field, false, test.ranges), notFirst = ask(part, test.field, true, test.ranges);
  Asked second = ask(part, *test.orField, test.negated, test.ranges);
  if (first.kind == Asked::Kind::Unclear || second.kind == Asked::Kind::Unclear ||
      notFirst.kind == Asked::Kind::Unclear)
    return unclear;
  Asked either = test.negated ? Asked{} : first;
  llvm::append_range(either.boxes, both(notFirst.boxes, second.boxes));
  return either;
}

/// Of bits that are known the test is decided; the others are asked of the field that they come from.
Asked Walk::ask(const Part &part, const ir::MaskTest &test) const {
  Held held = heldBy(part, test.field);
  if (std::optional<Value> value = valueOf(part, test.field))
    return constant(((*value & test.mask) == test.value) != test.negated);
  if (!held.known)
    return unclear;
  Value width = packet::bits(held.of, question.family);
  Value all = width == 128 ? ~Value(0) : (Value(1) << width) - 1;
  Value mask = test.mask & held.keep & all, wanted = (test.value ^ (held.flip & test.mask));
  if (wanted & ~mask)
    return constant(test.negated);
  std::optional<Ranges> values = withBits(mask, wanted, packet::maxValue(held.of, question.family));
  if (!values)
    return unclear;
  return inBox(held.of, test.negated ? outside(*values, packet::maxValue(held.of, question.family)) : *values);
}

/// All that one alternative asks for.
Asked Walk::ask(const Part &part, const ir::Alternative &alternative) const {
  Asked all = constant(true);
  for (const auto &test : alternative) {
    Asked asked = std::visit([&](const auto &of) { return ask(part, of); }, test);
    if (asked.kind == Asked::Kind::Unclear)
      return unclear;
    all.boxes = both(all.boxes, asked.boxes);
  }
  return all;
}

/// Made disjoint: an alternative adds what no earlier one holds; of a negated test it leaves what lies outside of it.
Asked Walk::ask(const Part &part, const ir::UnionTest &test) const {
  constexpr size_t kMostBoxes = 20'000;
  Asked all = constant(test.negated);
  for (const ir::Alternative &alternative : *test.alternatives) {
    Asked one = ask(part, alternative);
    if (one.kind == Asked::Kind::Unclear)
      return unclear;
    for (const Box &box : one.boxes) {
      if (test.negated) {
        all.boxes = without(std::move(all.boxes), box, question.family);
      } else {
        Boxes added{box};
        for (const Box &earlier : all.boxes)
          added = without(std::move(added), earlier, question.family);
        llvm::append_range(all.boxes, added);
      }
      if (all.boxes.size() > kMostBoxes)
        return unclear;
    }
  }
  return all;
}

Asked Walk::ask(const Part &part, const ir::Test &test) const {
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    return ask(part, *range);
  if (auto *mask = std::get_if<ir::MaskTest>(&test))
    return ask(part, *mask);
  return ask(part, std::get<ir::UnionTest>(test));
}

void Walk::write(Part &part, const ir::Write &write) const {
  if (!write.known)
    return holdUnknown(part, write.field);
  Held old = heldBy(part, write.field), from = heldBy(part, write.from);
  Value kept = old.keep & write.keep, copied = write.copy ? from.keep & write.copy : 0;
  bool readsUnknown = (!old.known && write.keep != 0) || (write.copy != 0 && !from.known);
  bool mixes = kept != 0 && copied != 0 && old.of != from.of;
  if (readsUnknown || mixes)
    return holdUnknown(part, write.field);
  Value flip = (old.flip & write.keep) ^ (write.copy ? from.flip & write.copy : 0) ^ write.flip;
  hold(part, write.field, {copied != 0 ? from.of : old.of, kept | copied, flip, true});
}

} // namespace iptlint::query
