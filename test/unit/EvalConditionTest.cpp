// Which packets meet which tests.
#include "EvalRules.h"

namespace iptlint::eval {
namespace {

TEST(EvalConditionTests, RangesHaveBothEndsInside) {
  ir::Test test = range(Field::Dport, {{10, 20}, {30, 30}});
  for (Value inside : {10, 15, 20, 30})
    EXPECT_TRUE(holds(test, with(Field::Dport, inside))) << unsigned(inside);
  for (Value outside : {0, 9, 21, 29, 31, 65535})
    EXPECT_FALSE(holds(test, with(Field::Dport, outside))) << unsigned(outside);
}

TEST(EvalConditionTests, NegatedRangesHoldOutside) {
  ir::Test test = range(Field::Dport, {{10, 20}}, true);
  EXPECT_FALSE(holds(test, with(Field::Dport, 10)));
  EXPECT_TRUE(holds(test, with(Field::Dport, 21)));
}

TEST(EvalConditionTests, NoRangeFitsNoValueAndNegatedEveryValue) {
  EXPECT_FALSE(holds(range(Field::Dport, {}), with(Field::Dport, 0)));
  EXPECT_TRUE(holds(range(Field::Dport, {}, true), with(Field::Dport, 0)));
}

TEST(EvalConditionTests, EitherPortWillDoAndNegatedNeitherMayFit) {
  packet::Packet source = with(Field::Sport, 53), destination = with(Field::Dport, 53), neither = at(Hook::Input);
  for (const packet::Packet &packet : {source, destination}) {
    EXPECT_TRUE(holds(eitherPort(53), packet));
    EXPECT_FALSE(holds(eitherPort(53, true), packet));
  }
  EXPECT_FALSE(holds(eitherPort(53), neither));
  EXPECT_TRUE(holds(eitherPort(53, true), neither));
}

TEST(EvalConditionTests, MasksCompareTheirBitsOnly) {
  EXPECT_TRUE(holds(mark(0x10, 0xf0), with(Field::Mark, 0xa1f)));
  EXPECT_FALSE(holds(mark(0x10, 0xf0), with(Field::Mark, 0x2f)));
  EXPECT_TRUE(holds(mark(0x10, 0xf0, true), with(Field::Mark, 0x2f)));
}

TEST(EvalConditionTests, AValueOutsideItsMaskIsNeverMet) {
  EXPECT_FALSE(holds(mark(0x11, 0xf0), with(Field::Mark, 0x11)));
  EXPECT_TRUE(holds(mark(0x11, 0xf0, true), with(Field::Mark, 0x11)));
}

TEST(EvalConditionTests, ThePacketTellsWhichFunctionsHold) {
  packet::Packet packet = at(Hook::Input);
  packet.assume = {{"string GET", true}, {"u32", false}};
  EXPECT_TRUE(holds(function("string GET"), packet));
  EXPECT_FALSE(holds(function("string GET", true), packet));
  EXPECT_FALSE(holds(function("u32"), packet));
  EXPECT_FALSE(holds(function("not listed"), packet));
  EXPECT_TRUE(holds(function("not listed", true), packet));
}

TEST(EvalConditionTests, StateIsAskedOfTheOracleAndNegatedAfterwards) {
  Script answers{1, 1};
  EXPECT_TRUE(meets(stateful("limit"), at(Hook::Input), answers));
  EXPECT_FALSE(meets(stateful("limit", true), at(Hook::Input), answers));
}

TEST(EvalConditionTests, StateBehindAFailingTestIsNotEvaluated) {
  Script answers{1};
  run({builtIn(Policy::Drop, {rule({stateful("first"), range(Field::Dport, {{7, 7}}), stateful("second")}, accept())})},
      at(Hook::Input), answers);
  EXPECT_THAT(answers.asked, ElementsAre("meets first"));
}

} // namespace
} // namespace iptlint::eval
