// What a region says of a test, against every value that the region has.
#include "tree/Region.h"
#include <gtest/gtest.h>

namespace iptlint::tree {

namespace {

constexpr unsigned kValues = 32;

/// The region of an interval of the traffic class.
Region regionOf(unsigned lo, unsigned hi) {
  Region region(packet::Family::IPv4);
  region.narrow(Field::Tos, Interval{lo, hi});
  return region;
}

template <typename Holds> Truth byTrying(unsigned lo, unsigned hi, Holds holds) {
  bool any = false, all = true;
  for (unsigned value = lo; value <= hi; ++value)
    (holds(value) ? any : all) = holds(value);
  return all ? Truth::Always : any ? Truth::Maybe : Truth::Never;
}

} // namespace

TEST(TreeRegion, masksAreExact) {
  for (unsigned lo = 0; lo != kValues; ++lo)
    for (unsigned hi = lo; hi != kValues; ++hi)
      for (unsigned mask = 0; mask != kValues; ++mask)
        for (unsigned value = 0; value != kValues; ++value)
          for (bool negated : {false, true}) {
            Truth expected = byTrying(lo, hi, [&](unsigned each) { return ((each & mask) == value) != negated; });
            ir::MaskTest test{Field::Tos, negated, mask, value};
            ASSERT_EQ(judge(test, regionOf(lo, hi), {}), expected)
                << lo << "-" << hi << " & " << mask << " == " << value << (negated ? " negated" : "");
          }
}

TEST(TreeRegion, rangesAreExact) {
  for (unsigned lo = 0; lo != kValues; ++lo)
    for (unsigned hi = lo; hi != kValues; ++hi)
      for (unsigned first = 0; first != 20; ++first)
        for (unsigned last = first; last != 20; ++last)
          for (bool negated : {false, true}) {
            ir::RangeTest test{Field::Tos, std::nullopt, negated, {{first, last}, {24, 27}}};
            Truth expected = byTrying(lo, hi, [&](unsigned each) {
              return ((first <= each && each <= last) || (24 <= each && each <= 27)) != negated;
            });
            ASSERT_EQ(judge(test, regionOf(lo, hi), {}), expected)
                << lo << "-" << hi << " in " << first << "-" << last << (negated ? " negated" : "");
          }
}

TEST(TreeRegion, nothingIsKnownOfWhatMayBeWritten) {
  FieldSet written;
  written.set(unsigned(Field::Tos));
  EXPECT_EQ(judge(ir::MaskTest{Field::Tos, false, 3, 1}, regionOf(1, 1), written), Truth::Maybe);
  EXPECT_EQ(judge(ir::MaskTest{Field::Tos, false, 3, 4}, regionOf(1, 1), written), Truth::Never);
  EXPECT_EQ(judge(ir::RangeTest{Field::Tos, std::nullopt, false, {{1, 1}}}, regionOf(1, 1), written), Truth::Maybe);
  EXPECT_EQ(judge(ir::RangeTest{Field::Tos, std::nullopt, true, {}}, regionOf(1, 1), written), Truth::Always);
}

TEST(TreeRegion, eitherPortIsKnownWhereOneIs) {
  Region region(packet::Family::IPv4);
  region.narrow(Field::Sport, Interval{80, 80});
  ir::RangeTest test{Field::Sport, Field::Dport, false, {{80, 80}}};
  EXPECT_EQ(judge(test, region, {}), Truth::Always);
  test.negated = true;
  EXPECT_EQ(judge(test, region, {}), Truth::Never);
  region = Region(packet::Family::IPv4);
  region.narrow(Field::Sport, Interval{81, 99});
  EXPECT_EQ(judge(test, region, {}), Truth::Maybe);
  region.narrow(Field::Dport, Interval{0, 79});
  EXPECT_EQ(judge(test, region, {}), Truth::Always);
}

} // namespace iptlint::tree
