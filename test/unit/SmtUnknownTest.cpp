// Where a proof has to say that it does not know, and what no packet can show.
#include "SmtRules.h"

namespace iptlint::smt {

TEST(SmtUnknown, ADifferenceBehindAConditionWithState) {
  expectUnknown(filter("-A INPUT -m limit --limit 3/min -j ACCEPT\n"),
                filter("-A INPUT -m limit --limit 4/min -j ACCEPT\n"), "-m limit");
}

TEST(SmtUnknown, AConditionWithStateThatOtherPacketsReach) {
  expectUnknown(filter("-A INPUT -p tcp -j DROP\n-A INPUT -m limit --limit 3/min -j ACCEPT\n"),
                filter("-A INPUT -m limit --limit 3/min -j ACCEPT\n"), "-m limit");
}

TEST(SmtUnknown, TwoBucketsAreNotOne) {
  std::string limit = "-A INPUT -m limit --limit 3/min -j ACCEPT\n";
  expectUnknown(filter(limit + limit), filter(limit), "-m limit");
}

TEST(SmtUnknown, ADifferenceBesideAConditionWithStateIsShown) {
  std::string limited = "-A INPUT -p tcp -m limit --limit 3/min -j LOG\n";
  Comparison shown = expectDifferent(filter(limited + "-A INPUT -p udp -j ACCEPT\n"), filter(limited));
  EXPECT_EQ((*shown.packet)[packet::Field::Proto], packet::kUdp);
}

TEST(SmtUnknown, ARoundOfJumps) {
  std::string round = "-A INPUT -j A\n-A A -j B\n-A B -j A\n";
  expectUnknown(filter(round), filter(round + "-A A -j DROP\n"), "circle");
}

TEST(SmtUnknown, NoTimeIsNeverEqual) {
  Comparison comparison = compare(rules(filter("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n")),
                                  rules(filter("-A INPUT -s 10.0.0.0/9 -j ACCEPT\n-A INPUT -s 10.128.0.0/9 -j ACCEPT\n")),
                                  milliseconds(0));
  EXPECT_EQ(comparison.result, Verdict::Unknown);
  EXPECT_EQ(comparison.queries, 0u);
}

TEST(SmtUnknown, ATableOnlyOneSideHas) {
  Comparison comparison =
      compare(rules(filter("")), rules(filter("") + "*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"), milliseconds(1000));
  EXPECT_EQ(comparison.result, Verdict::Different);
  EXPECT_EQ(comparison.table, "nat");
  EXPECT_EQ(comparison.reason, "only the second rules have a table nat");
  EXPECT_FALSE(comparison.packet);
}

TEST(SmtUnknown, AChainThatIsNotNamedHasWhateverPolicyItHad) {
  Comparison comparison =
      compare(rules("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"),
              rules("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"), milliseconds(1000));
  EXPECT_EQ(comparison.result, Verdict::Different);
  EXPECT_EQ(comparison.chain, "FORWARD");
  EXPECT_EQ(comparison.after.verdict, "DROP");
}

TEST(SmtUnknown, ConnectionTrackingOnOneSide) {
  Comparison comparison = compare(rules(filter("-A A -m conntrack --ctstate NEW -j ACCEPT\n")), rules(filter("")),
                                  milliseconds(1000));
  EXPECT_EQ(comparison.result, Verdict::Different);
  EXPECT_THAT(comparison.reason, testing::HasSubstr("connection tracking"));
}

TEST(SmtUnknown, ADifferenceBehindTheSameConditionWithStateIsShown) {
  std::string limited = "-A INPUT -m limit --limit 3/min -j ACCEPT\n-A INPUT -m limit --limit 5/min -j LOG\n";
  Comparison shown = expectDifferent(filter(limited + "-A INPUT -p udp -j ACCEPT\n"), filter(limited));
  ASSERT_EQ(shown.before.state.size(), 2u);
  EXPECT_EQ(shown.before.state, shown.after.state);
  EXPECT_FALSE(shown.before.state[0].second) << "or the packet would be accepted before";
}

/// Chains C0 to Cn, each called by the one before; the last accepts UDP.
static std::string nested(unsigned depth, const std::string &lastRules) {
  std::string text = "*filter\n:INPUT DROP [0:0]\n";
  for (unsigned i = 0; i <= depth; ++i)
    text += fmt::format(":C{} - [0:0]\n", i);
  text += "-A INPUT -j C0\n";
  for (unsigned i = 0; i != depth; ++i)
    text += fmt::format("-A C{} -s 10.{}.{}.0/24 -j C{}\n-A C{} -j C{}\n", i, i / 256, i % 256, i + 1, i, i + 1);
  return text + fmt::format(fmt::runtime(lastRules), depth) + "COMMIT\n";
}

TEST(SmtUnknown, TenThousandChainsDeep) {
  std::string halves = "-A C{0} -d 0.0.0.0/1 -p udp -j ACCEPT\n-A C{0} -d 128.0.0.0/1 -p udp -j ACCEPT\n";
  expectEqual(nested(10'000, "-A C{0} -p udp -j ACCEPT\n"), nested(10'000, halves));
  expectDifferent(nested(10'000, "-A C{0} -p udp -j ACCEPT\n"), nested(10'000, "-A C{0} -p tcp -j ACCEPT\n"));
}

} // namespace iptlint::smt
