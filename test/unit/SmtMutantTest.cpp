// One mutant of each kind must come out different, with a packet that eval confirms: a proof that
// cannot fail proves nothing.
#include "SmtRules.h"

namespace iptlint::smt {

using packet::Field;

TEST(SmtMutant, FlippedVerdict) {
  Comparison shown = expectDifferent(filter("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT\n"),
                                     filter("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j DROP\n"));
  EXPECT_EQ(shown.table, "filter");
  EXPECT_EQ(shown.chain, "INPUT");
  EXPECT_EQ(shown.before.verdict, "ACCEPT");
  EXPECT_EQ(shown.after.verdict, "DROP");
}

TEST(SmtMutant, VerdictWithOtherOptions) {
  Comparison shown = expectDifferent(filter("-A INPUT -j REJECT --reject-with icmp-port-unreachable\n"),
                                     filter("-A INPUT -j REJECT --reject-with icmp-host-unreachable\n"));
  EXPECT_EQ(shown.after.verdict, "REJECT --reject-with icmp-host-unreachable");
}

TEST(SmtMutant, BoundOffByOne) {
  Comparison shown = expectDifferent(filter("-A INPUT -p tcp -m tcp --dport 1000:2000 -j ACCEPT\n"),
                                     filter("-A INPUT -p tcp -m tcp --dport 1000:2001 -j ACCEPT\n"));
  ASSERT_TRUE(shown.packet);
  EXPECT_EQ((*shown.packet)[Field::Dport], 2001u);
  EXPECT_EQ((*shown.packet)[Field::Proto], packet::kTcp);
}

TEST(SmtMutant, PrefixOneBitLonger) {
  Comparison shown =
      expectDifferent(filter("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"), filter("-A INPUT -s 10.0.0.0/9 -j ACCEPT\n"));
  ASSERT_TRUE(shown.packet);
  EXPECT_EQ(packet::addressText((*shown.packet)[Field::Src], packet::Family::IPv4), "10.128.0.0");
}

TEST(SmtMutant, DroppedRule) {
  expectDifferent(filter("-A INPUT -i em1 -j ACCEPT\n-A INPUT -i em+ -j ACCEPT\n"),
                  filter("-A INPUT -i em1 -j ACCEPT\n"));
}

TEST(SmtMutant, SwappedRulesThatOverlap) {
  expectDifferent(filter("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -p udp -j ACCEPT\n"),
                  filter("-A INPUT -p udp -j ACCEPT\n-A INPUT -s 10.0.0.0/8 -j DROP\n"));
}

TEST(SmtMutant, ChangedLogPrefix) {
  Comparison shown = expectDifferent(filter("-A INPUT -j LOG --log-prefix in\n-A INPUT -j ACCEPT\n"),
                                     filter("-A INPUT -j LOG --log-prefix out\n-A INPUT -j ACCEPT\n"));
  EXPECT_THAT(shown.before.effects, testing::ElementsAre("LOG --log-prefix in"));
  EXPECT_THAT(shown.after.effects, testing::ElementsAre("LOG --log-prefix out"));
}

TEST(SmtMutant, LostLog) {
  expectDifferent(filter("-A INPUT -p icmp -j LOG\n-A INPUT -j ACCEPT\n"), filter("-A INPUT -j ACCEPT\n"));
}

TEST(SmtMutant, LogTwice) {
  expectDifferent(filter("-A INPUT -p udp -j LOG\n-A INPUT -p udp -j LOG\n"), filter("-A INPUT -p udp -j LOG\n"));
}

TEST(SmtMutant, EffectsInOtherOrder) {
  expectDifferent(filter("-A INPUT -j LOG --log-prefix a\n-A INPUT -j LOG --log-prefix b\n"),
                  filter("-A INPUT -j LOG --log-prefix b\n-A INPUT -j LOG --log-prefix a\n"));
}

TEST(SmtMutant, LostMark) {
  expectDifferent(filter("-A INPUT -p tcp -j MARK --set-xmark 0x1/0x1\n-A INPUT -j ACCEPT\n"),
                  filter("-A INPUT -j ACCEPT\n"));
}

TEST(SmtMutant, LostMarkThatIsRead) {
  std::string read = "-A INPUT -m mark --mark 0x1/0x1 -j ACCEPT\n";
  Comparison shown = expectDifferent(filter("-A INPUT -p tcp -j MARK --set-xmark 0x1/0x1\n" + read), filter(read));
  EXPECT_EQ(uint32_t((*shown.packet)[Field::Proto]), packet::kTcp);
}

TEST(SmtMutant, JumpToGoto) {
  std::string called = "-A A -p udp -j DROP\n-A INPUT -j ACCEPT\n";
  Comparison shown = expectDifferent(filter("-A INPUT -j A\n" + called), filter("-A INPUT -g A\n" + called));
  EXPECT_EQ(shown.before.verdict, "ACCEPT");
  EXPECT_EQ(shown.after.verdict, "DROP");
}

TEST(SmtMutant, DroppedReturn) {
  std::string head = "-A INPUT -j A\n-A INPUT -j ACCEPT\n", tail = "-A A -j DROP\n";
  Comparison shown = expectDifferent(filter(head + "-A A -s 10.1.2.3/32 -j RETURN\n" + tail), filter(head + tail));
  EXPECT_EQ(packet::addressText((*shown.packet)[Field::Src], packet::Family::IPv4), "10.1.2.3");
}

TEST(SmtMutant, ReturnOfABuiltInChainIsItsPolicy) {
  expectDifferent(filter("-A INPUT -p tcp -j RETURN\n-A INPUT -j ACCEPT\n"), filter("-A INPUT -j ACCEPT\n"));
}

TEST(SmtMutant, OtherPolicy) {
  expectDifferent("*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n",
                  "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n");
}

TEST(SmtMutant, PolicyThatIsNotStatedMayBeEither) {
  Comparison shown = expectDifferent("*filter\n:A - [0:0]\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n",
                                     "*filter\n:A - [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n");
  EXPECT_EQ(shown.after.verdict, "ACCEPT");
  EXPECT_TRUE(shown.policyAccepts);
}

TEST(SmtMutant, NegationLost) {
  expectDifferent(filter("-A INPUT ! -s 10.0.0.0/8 -j ACCEPT\n"), filter("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"));
}

TEST(SmtMutant, ConditionThatIsAFunctionLost) {
  Comparison shown = expectDifferent(filter("-A INPUT -m string --string GET --algo bm --to 65535 -j ACCEPT\n"),
                                     filter("-A INPUT -j ACCEPT\n"));
  EXPECT_EQ(shown.packet->assume.size(), 1u);
  EXPECT_EQ(shown.before.verdict, "DROP");
}

TEST(SmtMutant, ConditionAfterRewritingIsAnother) {
  std::string set = "-A INPUT -j TTL --ttl-set 5\n", get = "-A INPUT -m string --string GET --algo bm --to 65535 -j ACCEPT\n";
  expectDifferent("*mangle\n:INPUT DROP [0:0]\n" + set + get + "COMMIT\n",
                  "*mangle\n:INPUT DROP [0:0]\n" + get + set + "COMMIT\n");
}

TEST(SmtMutant, UnknownMarkIsReadElsewhere) {
  std::string map = "-A INPUT -j SET --map-set m src --map-mark\n", read = "-A INPUT -m mark --mark 0x7 -j ACCEPT\n";
  Comparison shown = expectDifferent(filter(map + read), filter(map + "-A INPUT -m mark --mark 0x8 -j ACCEPT\n"));
  EXPECT_EQ(shown.before.madeUp.size(), 1u);
}

TEST(SmtMutant, IPv6) {
  Comparison shown = expectDifferent(filter("-A INPUT -s 2001:db8::/32 -j ACCEPT\n"),
                                     filter("-A INPUT -s 2001:db8::/33 -j ACCEPT\n"), packet::Family::IPv6);
  EXPECT_EQ(packet::addressText((*shown.packet)[Field::Src], packet::Family::IPv6), "2001:db8:8000::");
}

} // namespace iptlint::smt
