// What the rules leave open is asked of the oracle, and its answers are followed.
#include "EvalRules.h"

namespace iptlint::eval {
namespace {

TEST(EvalUnknownTests, APolicyThatIsNotStatedIsAsked) {
  for (bool accepts : {false, true}) {
    Script answers{accepts};
    EXPECT_EQ(run({builtIn(Policy::Unstated, {})}, at(Hook::Input), answers).verdict, accepts ? "ACCEPT" : "DROP");
    EXPECT_THAT(answers.asked, ElementsAre("policy INPUT"));
  }
}

TEST(EvalUnknownTests, WhatATargetMakesUpIsAskedAndFillsTheBitsThatAreNotKept) {
  Script answers{0x12345678};
  Outcome outcome = run({builtIn(Policy::Accept, {rule({}, setMark({Field::Mark, false, 0xffff0000, 0}))})},
                        with(Field::Mark, 0xabcdabcd), answers);
  EXPECT_EQ(outcome.packet[Field::Mark], 0xabcd5678u);
}

TEST(EvalUnknownTests, AFunctionIsNewAfterEachRewriting) {
  Target ttl = to(TargetKind::Continue, "TTL", "--ttl-dec 1");
  ttl.rewritesUnmodelled = true;
  Script answers{1, 0};
  packet::Packet packet = at(Hook::Input);
  packet.assume = {{"u32", false}};
  Outcome outcome =
      run({builtIn(Policy::Drop, {rule({function("u32")}, drop()), rule({}, ttl), rule({function("u32")}, log("once")),
                                  rule({}, ttl), rule({function("u32", true)}, accept())})},
          packet, answers);
  EXPECT_THAT(answers.asked, ElementsAre("u32 after 1", "u32 after 2"));
  EXPECT_EQ(outcome.decidedBy, (RuleId{0, 4}));
}

TEST(EvalUnknownTests, AnOpaqueTargetMayEndTheTable) {
  Script answers{1};
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, to(TargetKind::Opaque, "WHAT"))})}, at(Hook::Input), answers);
  EXPECT_EQ(outcome.verdict, "?");
  EXPECT_EQ(outcome.decidedBy, (RuleId{0, 0}));
  EXPECT_THAT(answers.asked, ElementsAre("ends WHAT"));
}

TEST(EvalUnknownTests, AnOpaqueTargetThatGoesOnLeavesNothingAsItWas) {
  ZeroesFields answers{0, 1};
  packet::Packet packet = with(Field::Dport, 7);
  packet[Field::Mark] = 9;
  packet.assume = {{"u32", false}};
  Outcome outcome = run(
      {builtIn(Policy::Drop, {rule({}, to(TargetKind::Opaque, "WHAT", "--how")), rule({function("u32")}, accept())})},
      packet, answers);
  EXPECT_EQ(outcome.verdict, "ACCEPT");
  EXPECT_EQ(outcome.packet[Field::Dport], 0u);
  EXPECT_EQ(outcome.packet[Field::Mark], 0u);
  EXPECT_EQ(outcome.packet.hook(), Hook::Input);
  EXPECT_THAT(outcome.effects, ElementsAre("WHAT --how"));
  EXPECT_THAT(answers.asked, ElementsAre("ends WHAT", "u32 after 1"));
}

TEST(EvalUnknownTests, AJumpToNowhereGoesOnAtTheNextRuleAndAGotoMaySendBack) {
  for (TargetKind kind : {TargetKind::Jump, TargetKind::Goto}) {
    bool isGoto = kind == TargetKind::Goto;
    ZeroesFields answers = isGoto ? ZeroesFields{0, 1} : ZeroesFields{0};
    Outcome outcome = run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, accept())}),
                           user({rule({}, jump(ir::kNoChain, kind)), rule({}, drop())})},
                          at(Hook::Input), answers);
    EXPECT_EQ(outcome.verdict, isGoto ? "ACCEPT" : "DROP");
  }
}

TEST(EvalUnknownTests, ABrokenRuleMayMatchOrNotWhateverItsTestsSay) {
  ir::Rule broken = rule({range(Field::Dport, {})}, to(TargetKind::Opaque, "?"));
  broken.broken = true;
  Script passes{0};
  EXPECT_THAT(run({builtIn(Policy::Drop, {broken})}, at(Hook::Input), passes).steps, IsEmpty());
  Script ends{1, 1};
  EXPECT_EQ(run({builtIn(Policy::Drop, {broken})}, at(Hook::Input), ends).verdict, "?");
}

TEST(EvalUnknownTests, ABrokenRuleMayHaveBeenAReturn) {
  ir::Rule broken = rule({}, drop());
  broken.broken = true;
  ZeroesFields answers{1, 0, 1};
  Outcome outcome =
      run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, accept())}), user({broken, rule({}, drop())})},
          at(Hook::Input), answers);
  EXPECT_EQ(outcome.decidedBy, (RuleId{0, 1}));
}

} // namespace
} // namespace iptlint::eval
