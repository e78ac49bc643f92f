#include "tree/Region.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::tree {

static bool isBefore(const std::pair<Field, Interval> &side, Field field) {
  return side.first < field;
}

Region::Region(packet::Family family, packet::Hook hook) : family(family) {
  narrow(Field::Hook, {Value(hook), Value(hook)});
  for (Field field : {Field::In, Field::Out}) {
    packet::Presence presence = packet::presence(hook, field);
    if (presence == packet::Presence::Absent)
      narrow(field, {0, 0});
    else if (presence == packet::Presence::Present)
      narrow(field, {1, whole(field).hi});
  }
}

Interval Region::of(Field field) const {
  auto side = std::lower_bound(narrowed.begin(), narrowed.end(), field, isBefore);
  return side != narrowed.end() && side->first == field ? side->second : whole(field);
}

bool Region::narrow(Field field, Interval values) {
  Interval now = of(field);
  Interval both{std::max(now.lo, values.lo), std::min(now.hi, values.hi)};
  if (both.lo > both.hi)
    return false;
  if (both == now)
    return true;
  auto side = std::lower_bound(narrowed.begin(), narrowed.end(), field, isBefore);
  if (side != narrowed.end() && side->first == field)
    side->second = both;
  else
    narrowed.insert(side, {field, both});
  return true;
}

static Truth negate(Truth truth) {
  return Truth(2 - unsigned(truth));
}

/// Whether values of an interval lie in sorted, disjoint ranges that are not adjacent.
static Truth within(Interval values, llvm::ArrayRef<Interval> ranges) {
  auto range = llvm::partition_point(ranges, [&](Interval each) { return each.hi < values.lo; });
  if (range == ranges.end() || range->lo > values.hi)
    return Truth::Never;
  return range->lo <= values.lo && values.hi <= range->hi ? Truth::Always : Truth::Maybe;
}

static Truth judgePart(const ir::RangeTest &test, const Region &region, const FieldSet &written) {
  auto judgeField = [&](Field field) {
    return test.ranges.empty()             ? Truth::Never
           : written.test(unsigned(field)) ? Truth::Maybe
                                           : within(region.of(field), test.ranges);
  };
  Truth truth = judgeField(test.field);
  if (test.orField)
    truth = std::max(truth, judgeField(*test.orField));
  return test.negated ? negate(truth) : truth;
}

/// The bits that all values of an interval share: those above the highest one in which its ends differ. Every bit from
/// there down is 0 in some of the values and 1 in others.
static Value sharedBits(Interval values) {
  Value differing = values.lo ^ values.hi;
  for (unsigned shift = 1; shift != 128; shift *= 2)
    differing |= differing >> shift;
  return ~differing;
}

static Value highestBit(Value value) {
  Value bit = Value(1) << 127;
  while (!(bit & value))
    bit >>= 1;
  return bit;
}

/// The smallest value from \p from on that has the bits \p value where \p mask has ones, which \p value is part of.
static std::optional<Value> firstMatch(Value from, Value mask, Value value) {
  Value wrong = (from ^ value) & mask;
  if (wrong == 0)
    return from;
  Value bit = highestBit(wrong);
  if (from & bit)
    for (bit <<= 1; bit != 0 && ((from | mask) & bit); bit <<= 1)
      ; // what is to be larger must have a one more where it may
  if (bit == 0)
    return std::nullopt;
  return (from & ~(bit - 1)) | bit | (value & (bit - 1));
}

static Truth judgePart(const ir::MaskTest &test, const Region &region, const FieldSet &written) {
  bool isWritten = written.test(unsigned(test.field));
  Interval values = isWritten ? region.whole(test.field) : region.of(test.field);
  Truth truth = Truth::Maybe;
  std::optional<Value> first;
  if ((test.value & ~test.mask) == 0)
    first = firstMatch(values.lo, test.mask, test.value);
  if (!first || *first > values.hi)
    truth = Truth::Never;
  else if ((sharedBits(values) & test.mask) == test.mask)
    truth = Truth::Always;
  return test.negated ? negate(truth) : truth;
}

static Truth judgePart(const ir::OpaqueTest &, const Region &, const FieldSet &) {
  return Truth::Maybe;
}

static Truth judgePart(const ir::UnionTest &test, const Region &region, const FieldSet &written) {
  if (test.alternatives->size() > kMostAlternatives)
    return Truth::Maybe;
  Truth any = Truth::Never;
  for (const ir::Alternative &alternative : *test.alternatives) {
    Truth all = Truth::Always;
    for (const auto &part : alternative)
      all = std::min(all, std::visit([&](const auto &each) { return judgePart(each, region, written); }, part));
    any = std::max(any, all);
  }
  return test.negated ? negate(any) : any;
}

Truth judge(const ir::Test &test, const Region &region, const FieldSet &written) {
  return std::visit([&](const auto &each) { return judgePart(each, region, written); }, test);
}

} // namespace iptlint::tree
