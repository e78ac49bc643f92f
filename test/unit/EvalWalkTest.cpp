// Which way a packet takes through chains, and how it ends: every class of target.
#include "EvalRules.h"

namespace iptlint::eval {
namespace {

TEST(EvalWalkTests, TheFirstRuleThatEndsTheTableDecides) {
  Outcome outcome = run({builtIn(
      Policy::Accept, {rule({range(Field::Dport, {{1, 1}})}, accept()), rule({}, drop()), rule({}, accept())})});
  EXPECT_EQ(outcome.verdict, "DROP");
  EXPECT_EQ(outcome.decidedBy, (RuleId{0, 1}));
  EXPECT_THAT(matched(outcome), ElementsAre(RuleId{0, 1}));
}

TEST(EvalWalkTests, OtherVerdictsAreNamedWithTheirOptions) {
  Outcome plain = run({builtIn(Policy::Accept, {rule({}, to(TargetKind::Verdict, "QUEUE"))})});
  EXPECT_EQ(plain.verdict, "QUEUE");
  Outcome dnat =
      run({builtIn(Policy::Accept, {rule({}, to(TargetKind::Verdict, "DNAT", "--to-destination 10.0.0.1:80"))})});
  EXPECT_EQ(dnat.verdict, "DNAT --to-destination 10.0.0.1:80");
}

TEST(EvalWalkTests, ThePolicyDecidesWhatNoRuleDoes) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({range(Field::Dport, {{1, 1}})}, accept())})});
  EXPECT_EQ(outcome.verdict, "DROP");
  EXPECT_EQ(outcome.decidedBy, std::nullopt);
  EXPECT_THAT(outcome.steps, IsEmpty());
}

TEST(EvalWalkTests, TheHookPicksTheChain) {
  std::vector<ir::Chain> chains = {builtIn(Policy::Drop, {}),
                                   builtIn(Policy::Accept, {rule({}, log("forward"))}, Hook::Forward)};
  EXPECT_THAT(run(chains, at(Hook::Forward)).effects, ElementsAre("LOG forward"));
  EXPECT_EQ(run(chains, at(Hook::Input)).verdict, "DROP");
}

TEST(EvalWalkTests, AHookTheTableDoesNotNameAccepts) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, drop())})}, at(Hook::Output));
  EXPECT_EQ(outcome.verdict, "ACCEPT");
  EXPECT_EQ(outcome.packet, at(Hook::Output));
}

TEST(EvalWalkTests, ReturnFromABuiltInChainMeansThePolicy) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, back()), rule({}, accept())})});
  EXPECT_EQ(outcome.verdict, "DROP");
  EXPECT_EQ(outcome.decidedBy, std::nullopt);
  EXPECT_THAT(matched(outcome), ElementsAre(RuleId{0, 0}));
}

TEST(EvalWalkTests, AJumpComesBackBehindItsRuleWhenTheChainEnds) {
  Outcome outcome =
      run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, log("behind"))}), user({rule({}, log("called"))})});
  EXPECT_THAT(outcome.effects, ElementsAre("LOG called", "LOG behind"));
  EXPECT_THAT(matched(outcome), ElementsAre(RuleId{0, 0}, RuleId{1, 0}, RuleId{0, 1}));
}

TEST(EvalWalkTests, AJumpComesBackOnReturn) {
  Outcome outcome =
      run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, accept())}), user({rule({}, back()), rule({}, drop())})});
  EXPECT_EQ(outcome.verdict, "ACCEPT");
}

TEST(EvalWalkTests, AChainCalledTwiceRunsTwice) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, jump(1))}), user({rule({}, log("x"))})});
  EXPECT_THAT(outcome.effects, ElementsAre("LOG x", "LOG x"));
}

TEST(EvalWalkTests, AGotoFromABuiltInChainEndsWithThePolicy) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, jump(1, TargetKind::Goto)), rule({}, accept())}),
                         user({rule({}, log("gone to"))})});
  EXPECT_EQ(outcome.verdict, "DROP");
  EXPECT_EQ(outcome.decidedBy, std::nullopt);
  EXPECT_THAT(outcome.effects, ElementsAre("LOG gone to"));
}

TEST(EvalWalkTests, AGotoFromAUserChainEndsAtTheCallersCaller) {
  Outcome outcome =
      run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, accept())}),
           user({rule({}, jump(2, TargetKind::Goto)), rule({}, drop())}), user({rule({}, log("gone to"))})});
  EXPECT_EQ(outcome.verdict, "ACCEPT");
  EXPECT_EQ(outcome.decidedBy, (RuleId{0, 1}));
  EXPECT_THAT(matched(outcome), ElementsAre(RuleId{0, 0}, RuleId{1, 0}, RuleId{2, 0}, RuleId{0, 1}));
}

TEST(EvalWalkTests, ReturnFromAChainThatWasGoneToSkipsTheOneThatWentThere) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, accept())}),
                         user({rule({}, jump(2, TargetKind::Goto)), rule({}, drop())}), user({rule({}, back())})});
  EXPECT_EQ(outcome.verdict, "ACCEPT");
}

TEST(EvalWalkTests, RulesWithoutATargetCountAndLetGoOn) {
  Outcome outcome = run({builtIn(Policy::Drop, {rule({}, Target{}), rule({}, accept())})});
  EXPECT_EQ(outcome.verdict, "ACCEPT");
  EXPECT_THAT(outcome.effects, IsEmpty());
  EXPECT_THAT(matched(outcome), ElementsAre(RuleId{0, 0}, RuleId{0, 1}));
}

TEST(EvalWalkTests, WritesKeepAndFlipBits) {
  Value all = 0xffffffff;
  struct {
    ir::Write write;
    Value before, after;
  } cases[] = {
      {{Field::Mark, true, 0, 0x5}, 0xff, 0x5},             // --set-mark 5
      {{Field::Mark, true, all, 0x5}, 0xff, 0xfa},          // --xor-mark 5
      {{Field::Mark, true, all & ~0x5, 0x5}, 0xf0, 0xf5},   // --or-mark 5
      {{Field::Mark, true, 0x5, 0}, 0xff, 0x5},             // --and-mark 5
      {{Field::Mark, true, all & ~0xf0, 0x3f}, 0xf0, 0x3f}, // --set-xmark 0x3f/0xf0
  };
  for (auto &each : cases)
    EXPECT_EQ(run({builtIn(Policy::Accept, {rule({}, setMark(each.write))})}, with(Field::Mark, each.before))
                  .packet[Field::Mark],
              each.after);
}

TEST(EvalWalkTests, LaterRulesSeeTheMarkThatWasSet) {
  Outcome outcome =
      run({builtIn(Policy::Drop, {rule({mark(1, 0xff)}, drop()), rule({}, setMark({Field::Mark, true, 0, 1})),
                                  rule({mark(1, 0xff)}, accept())})});
  EXPECT_EQ(outcome.decidedBy, (RuleId{0, 2}));
  EXPECT_THAT(outcome.effects, ElementsAre("MARK ..."));
}

TEST(EvalWalkTests, JumpsTenThousandChainsDeepAreFollowed) {
  constexpr uint32_t depth = 10'000;
  std::vector<ir::Chain> chains = {builtIn(Policy::Drop, {rule({}, jump(1)), rule({}, log("back"))})};
  for (uint32_t chain = 1; chain != depth; ++chain)
    chains.push_back(user({rule({}, jump(chain + 1))}));
  chains.push_back(user({rule({}, log("bottom"))}));
  Outcome outcome = run(std::move(chains));
  EXPECT_THAT(outcome.effects, ElementsAre("LOG bottom", "LOG back"));
  EXPECT_EQ(outcome.steps.size(), depth + 2);
}

} // namespace
} // namespace iptlint::eval
