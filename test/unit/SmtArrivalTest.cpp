// What Z3 says of single rules: whether a packet gets there, and whether a few rules suffice to keep them all away. A claim
// of too few must not be proved.
#include "SmtRules.h"
#include "smt/Arrival.h"

namespace iptlint::smt {

using ir::RuleId;
using Takers = std::set<RuleId>;

constexpr RuleId input(uint32_t rule) { return {0, rule - 1}; }
constexpr RuleId a(uint32_t rule) { return {1, rule - 1}; }
constexpr RuleId b(uint32_t rule) { return {2, rule - 1}; }

/// Questions about a table that filter() gives.
class SmtArrival : public testing::Test {
protected:
  void load(const std::string &lines) {
    ruleset = rules(filter(lines));
    arrivals.emplace(ruleset, ruleset.tables.front());
  }
  Arrival ask(RuleId rule) { return arrivals->ask(rule, milliseconds(20'000)); }
  Arrives with(RuleId rule, const Takers &takers) { return arrivals->askWith(rule, takers, milliseconds(20'000)).answer; }

  /// The takers leave the rule no packet, and none of them can be spared.
  void expectNeeded(RuleId rule, const Takers &takers) {
    EXPECT_EQ(with(rule, takers), Arrives::No);
    for (RuleId spared : takers) {
      Takers rest = takers;
      rest.erase(spared);
      EXPECT_EQ(with(rule, rest), Arrives::Yes) << "without rule " << spared.rule + 1 << " of chain " << spared.chain;
    }
  }

  ir::Ruleset ruleset;
  std::optional<Arrivals> arrivals;
};

TEST_F(SmtArrival, TwoHalves) {
  load("-A INPUT -s 10.0.0.0/9 -j ACCEPT\n-A INPUT -p udp -j DROP\n-A INPUT -s 10.128.0.0/9 -j DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n");
  EXPECT_EQ(ask(input(4)).answer, Arrives::No);
  expectNeeded(input(4), {input(1), input(3)});
}

TEST_F(SmtArrival, ABoundOffByOne) {
  load("-A INPUT -p tcp --dport 1:99 -j ACCEPT\n-A INPUT -p tcp --dport 1:100 -j DROP\n");
  Arrival arrival = ask(input(2));
  ASSERT_EQ(arrival.answer, Arrives::Yes);
  EXPECT_EQ((*arrival.packet)[packet::Field::Dport], 100u);
  EXPECT_EQ(with(input(2), {input(1)}), Arrives::Yes);
}

TEST_F(SmtArrival, ConditionsAlone) {
  load("-A INPUT -i eth0 -j A\n-A A -i eth1 -j DROP\n");
  EXPECT_EQ(with(a(1), {}), Arrives::No);
}

TEST_F(SmtArrival, AChainThatNothingCalls) {
  load("-A A -j DROP\n");
  EXPECT_EQ(ask(a(1)).answer, Arrives::No);
  EXPECT_EQ(with(a(1), {}), Arrives::No);
}

// A packet that goes round the taker is not taken.
TEST_F(SmtArrival, AReturnBeforeTheTaker) {
  load("-A INPUT -j A\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A A -s 10.0.0.0/8 -j RETURN\n-A A -j DROP\n");
  EXPECT_EQ(ask(input(2)).answer, Arrives::Yes);
  EXPECT_EQ(with(input(2), {a(2)}), Arrives::Yes);
}

TEST_F(SmtArrival, AGotoBeforeTheTaker) {
  load("-A INPUT -j A\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A A -s 10.0.0.0/8 -g B\n-A A -j DROP\n");
  EXPECT_EQ(with(input(2), {a(2)}), Arrives::Yes);
}

TEST_F(SmtArrival, AReturnThatTakes) {
  load("-A INPUT -j A\n-A A -s 10.0.0.0/8 -j RETURN\n-A A -s 10.1.0.0/16 -j DROP\n");
  expectNeeded(a(2), {a(1)});
}

TEST_F(SmtArrival, ATakerInACalledChain) {
  load("-A INPUT -s 10.0.0.0/8 -j A\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A A -p tcp -g B\n-A A -j DROP\n-A B -j REJECT\n");
  expectNeeded(input(2), {a(2), b(1)});
}

TEST_F(SmtArrival, MarksOnTheWay) {
  load("-A INPUT -p tcp -j MARK --set-mark 1\n-A INPUT -m mark --mark 1 -j DROP\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -p udp -j ACCEPT\n");
  expectNeeded(input(3), {input(2)});
  EXPECT_EQ(ask(input(4)).answer, Arrives::Yes);
}

// The mark is written in a chain that has nothing to do with the rule but this.
TEST_F(SmtArrival, AMarkLostInAnotherChain) {
  std::string calls = "-A INPUT -m mark --mark 1 -j A\n-A INPUT -s 10.0.0.0/8 -j B\n-A B -m mark --mark 1 -j ACCEPT\n";
  load(calls + "-A A -s 10.0.0.0/8 -j MARK --set-mark 2\n");
  EXPECT_EQ(with(b(1), {}), Arrives::No);
  load(calls + "-A A -s 10.0.0.0/9 -j MARK --set-mark 2\n");
  EXPECT_EQ(with(b(1), {}), Arrives::Yes);
}

TEST_F(SmtArrival, OnlyForSomeValuesOfWhatIsNotModelled) {
  load("-A INPUT -m string --string x --algo bm -j DROP\n-A INPUT -m string --string x --algo bm -j ACCEPT\n"
       "-A INPUT -m limit --limit 1/sec -j DROP\n-A INPUT -m limit --limit 1/sec -j ACCEPT\n");
  expectNeeded(input(2), {input(1)});
  Arrival arrival = ask(input(4));
  ASSERT_EQ(arrival.answer, Arrives::Yes);
  ASSERT_EQ(arrival.way.state.size(), 2u);
  EXPECT_FALSE(arrival.way.state[0].second);
  EXPECT_TRUE(arrival.way.state[1].second);
}

TEST_F(SmtArrival, BehindATargetThatIsNotKnown) {
  load("-A INPUT -j FROBNICATE\n-A INPUT -j A\n");
  EXPECT_EQ(ask(input(2)).answer, Arrives::Unknown);
}

TEST_F(SmtArrival, NoTimeIsNoProof) {
  load("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n");
  EXPECT_EQ(arrivals->ask(input(2), milliseconds(0)).answer, Arrives::Unknown);
  EXPECT_EQ(arrivals->askWith(input(2), {input(1)}, milliseconds(0)).answer, Arrives::Unknown);
}

// Where some rule tracks connections, no rule sees a fragment.
TEST_F(SmtArrival, FragmentsArePutTogether) {
  auto ofForward = [](const std::string &lines) { return "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -f -j DROP\n" + lines + "COMMIT\n"; };
  for (auto [lines, expected] : {std::pair("", Arrives::Yes), std::pair("-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\n", Arrives::No)}) {
    ruleset = rules(ofForward(lines));
    EXPECT_EQ(Arrivals(ruleset, ruleset.tables.front()).ask({0, 0}, milliseconds(20'000)).answer, expected) << lines;
  }
}

} // namespace iptlint::smt
