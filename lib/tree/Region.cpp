#include "tree/Region.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::tree {

static bool isBefore(const Region::Side &side, Field field) {
  return side.first < field;
}

Region::Region(packet::Family family, packet::Hook hook) : family(family) {
  narrow(Field::Hook, Interval{Value(hook), Value(hook)});
  for (Field field : {Field::In, Field::Out}) {
    packet::Presence presence = packet::presence(hook, field);
    if (presence == packet::Presence::Absent)
      narrow(field, Interval{0, 0});
    else if (presence == packet::Presence::Present)
      narrow(field, Interval{1, whole(field).hi});
  }
}

const Region::Side *Region::sideOf(Field field) const {
  auto side = std::lower_bound(narrowed.begin(), narrowed.end(), field, isBefore);
  return side != narrowed.end() && side->first == field ? side : nullptr;
}

Interval Region::of(Field field) const {
  const Side *side = sideOf(field);
  return side ? Interval{side->second.front().lo, side->second.back().hi} : whole(field);
}

Region::Values Region::valuesOf(Field field) const {
  const Side *side = sideOf(field);
  return side ? side->second : Values{whole(field)};
}

/// What two sets of intervals share.
static Region::Values shared(llvm::ArrayRef<Interval> one, llvm::ArrayRef<Interval> other) {
  Region::Values both;
  for (size_t i = 0, j = 0; i != one.size() && j != other.size();) {
    Interval common{std::max(one[i].lo, other[j].lo), std::min(one[i].hi, other[j].hi)};
    if (common.lo <= common.hi)
      both.push_back(common);
    one[i].hi < other[j].hi ? ++i : ++j;
  }
  return both;
}

bool Region::narrow(Field field, llvm::ArrayRef<Interval> values) {
  Values now = valuesOf(field), both = shared(now, values);
  if (both.empty())
    return false;
  if (both == now)
    return true;
  auto side = std::lower_bound(narrowed.begin(), narrowed.end(), field, isBefore);
  if (side != narrowed.end() && side->first == field)
    side->second = std::move(both);
  else
    narrowed.insert(side, Side{field, std::move(both)});
  return true;
}

static Truth negate(Truth truth) {
  return Truth(2 - unsigned(truth));
}

/// What is said of several intervals together.
template <typename Judge> static Truth ofAll(llvm::ArrayRef<Interval> values, Judge judgeInterval) {
  Truth truth = judgeInterval(values.front());
  for (Interval each : values.drop_front())
    if (truth != Truth::Maybe && judgeInterval(each) != truth)
      return Truth::Maybe;
  return truth;
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
    return test.ranges.empty() ? Truth::Never
           : written.test(unsigned(field))
               ? Truth::Maybe
               : ofAll(region.valuesOf(field), [&](Interval each) { return within(each, test.ranges); });
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

static Truth judgeMask(const ir::MaskTest &test, Interval values) {
  std::optional<Value> first;
  if ((test.value & ~test.mask) == 0)
    first = firstMatch(values.lo, test.mask, test.value);
  if (!first || *first > values.hi)
    return Truth::Never;
  return (sharedBits(values) & test.mask) == test.mask ? Truth::Always : Truth::Maybe;
}

static Truth judgePart(const ir::MaskTest &test, const Region &region, const FieldSet &written) {
  bool isWritten = written.test(unsigned(test.field));
  Region::Values values = isWritten ? Region::Values{region.whole(test.field)} : region.valuesOf(test.field);
  Truth truth = ofAll(values, [&](Interval each) { return judgeMask(test, each); });
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
