// Unions of boxes, as the sets of ipset are: what eval, analysis and smt make of them, and that long ones are no
// burden.
#include "EvalRules.h"
#include "analysis/Reach.h"
#include "smt/Equivalent.h"

namespace iptlint {
namespace {

using analysis::Status;
using packet::Field;

ir::RangeTest isOne(Field field, packet::Value value) {
  return {field, std::nullopt, false, {{value, value}}};
}

ir::UnionTest oneOf(std::vector<ir::Alternative> alternatives, bool negated = false) {
  return {negated, std::make_shared<const std::vector<ir::Alternative>>(std::move(alternatives))};
}

/// Address i with port i, as hash:ip,port holds them.
std::vector<ir::Alternative> pairs(unsigned count) {
  std::vector<ir::Alternative> members;
  for (unsigned i = 0; i != count; ++i)
    members.push_back({isOne(Field::Src, 0x0a000000 + 2 * i), isOne(Field::Proto, 6), isOne(Field::Dport, i % 65536)});
  return members;
}

ir::Table inputOf(std::vector<ir::Rule> rules) {
  ir::Table table;
  table.name = "filter";
  table.chains.push_back(eval::builtIn(ir::Policy::Drop, std::move(rules)));
  return table;
}

std::vector<Status> statusOf(const ir::Table &table) {
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  analysis::TableReach reach = analysis::computeReach(table, packet::Family::IPv4, graph, {});
  std::vector<Status> status;
  for (const analysis::RuleReach &rule : reach.rules.front())
    status.push_back(rule.status);
  return status;
}

ir::Ruleset rulesetOf(ir::Table table) {
  ir::Ruleset ruleset;
  ruleset.tables.push_back(std::move(table));
  return ruleset;
}

TEST(UnionTests, OneAlternativeWillDoIfAllOfItHolds) {
  ir::Test test =
      oneOf({{isOne(Field::Src, 1), isOne(Field::Dport, 80)}, {isOne(Field::Src, 2), isOne(Field::Dport, 443)}});
  packet::Packet packet = eval::with(Field::Src, 2);
  packet[Field::Dport] = 443;
  EXPECT_TRUE(eval::holds(test, packet));
  packet[Field::Dport] = 80;
  EXPECT_FALSE(eval::holds(test, packet));
  std::get<ir::UnionTest>(test).negated = true;
  EXPECT_TRUE(eval::holds(test, packet));
}

TEST(UnionTests, WithoutAlternativesNoneHoldsAndWithoutTestsOneAlwaysDoes) {
  packet::Packet packet = eval::at(packet::Hook::Input);
  EXPECT_FALSE(eval::holds(oneOf({}), packet));
  EXPECT_TRUE(eval::holds(oneOf({}, true), packet));
  EXPECT_TRUE(eval::holds(oneOf({{}}), packet));
}

TEST(UnionTests, EqualListsAreEqualWhereverTheyAreKept) {
  EXPECT_EQ(oneOf(pairs(3)), oneOf(pairs(3)));
  EXPECT_NE(oneOf(pairs(3)), oneOf(pairs(4)));
  EXPECT_NE(oneOf(pairs(3)), oneOf(pairs(3), true));
}

TEST(UnionTests, LongOnesAreFollowedExactly) {
  constexpr unsigned kMembers = 65'536;
  ir::UnionTest all = oneOf(pairs(kMembers));
  ir::Alternative member = {isOne(Field::Src, 0x0a000000 + 2 * 777), isOne(Field::Proto, 6), isOne(Field::Dport, 777)};
  ir::Alternative stranger = {isOne(Field::Src, 0x0a000000 + 2 * 777), isOne(Field::Proto, 6),
                              isOne(Field::Dport, 778)};
  EXPECT_THAT(statusOf(inputOf({eval::rule({all, isOne(Field::Hook, 1)}, eval::accept()),
                                eval::rule({oneOf({member})}, eval::drop()),
                                eval::rule({oneOf({stranger})}, eval::drop()), eval::rule({all}, eval::drop())})),
              testing::ElementsAre(Status::Live, Status::Dead, Status::Live, Status::Dead));
}

TEST(UnionTests, LongRangeTestsAreFollowedExactly) {
  ir::RangeTest addresses{Field::Src, std::nullopt, false, {}};
  for (unsigned i = 0; i != 65'536; ++i)
    addresses.ranges.push_back({4 * i, 4 * i + 1});
  ir::RangeTest others = addresses;
  others.negated = true;
  EXPECT_THAT(
      statusOf(inputOf({eval::rule({addresses}, eval::accept()), eval::rule({isOne(Field::Src, 400)}, eval::drop()),
                        eval::rule({others}, eval::accept()), eval::rule({isOne(Field::Src, 402)}, eval::drop())})),
      testing::ElementsAre(Status::Live, Status::Dead, Status::Live, Status::Dead));
}

TEST(UnionTests, WhatIsInNoMemberOfALongOneIsKnown) {
  ir::UnionTest members = oneOf(pairs(1'000)), others = oneOf(pairs(1'000), true);
  EXPECT_THAT(statusOf(inputOf({eval::rule({members}, eval::accept()), eval::rule({others}, eval::accept()),
                                eval::rule({}, eval::drop())})),
              testing::ElementsAre(Status::Live, Status::Live, Status::Dead));
}

/// Boxes that cross in many fields leave too many parts: that is said.
TEST(UnionTests, OutsideOfCrossingBoxesMayBeTooMuchToFollow) {
  std::vector<ir::Alternative> crossing;
  for (unsigned i = 0; i != 4'000; ++i) {
    ir::Alternative &box = crossing.emplace_back();
    for (Field field : {Field::Src, Field::Dst, Field::Mark, Field::EspSpi})
      box.push_back(
          ir::RangeTest{field, std::nullopt, false, {{(i * 7919 + unsigned(field) * 104729) % 50'000, 60'000 + i}}});
  }
  EXPECT_THAT(statusOf(inputOf({eval::rule({oneOf(crossing, true)}, eval::accept()), eval::rule({}, eval::drop())})),
              testing::ElementsAre(Status::Unknown, Status::Unknown));
}

TEST(UnionTests, TheSolverTellsALongOneFromOneWithAMemberLess) {
  std::vector<ir::Alternative> fewer = pairs(1'000);
  fewer.erase(fewer.begin() + 777);
  ir::Ruleset all = rulesetOf(inputOf({eval::rule({oneOf(pairs(1'000))}, eval::accept())}));
  ir::Ruleset less = rulesetOf(inputOf({eval::rule({oneOf(fewer)}, eval::accept())}));
  ir::Ruleset turned =
      rulesetOf(inputOf({eval::rule({oneOf(pairs(1'000), true)}, eval::drop()), eval::rule({}, eval::accept())}));
  constexpr std::chrono::milliseconds budget(60'000);
  smt::Comparison different = smt::compare(all, less, budget);
  ASSERT_EQ(different.result, smt::Verdict::Different) << different.reason;
  EXPECT_EQ((*different.packet)[Field::Src], 0x0a000000 + 2 * 777);
  EXPECT_EQ((*different.packet)[Field::Dport], 777);
  smt::Comparison equal = smt::compare(all, turned, budget);
  EXPECT_EQ(equal.result, smt::Verdict::Equal) << equal.reason;
}

} // namespace
} // namespace iptlint
