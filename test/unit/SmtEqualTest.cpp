// Rule sets that decide every packet alike though they are written differently.
#include "SmtRules.h"

namespace iptlint::smt {

TEST(SmtEqual, DisjointRulesInAnyOrder) {
  expectEqual(filter("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 11.0.0.0/8 -j DROP\n"),
              filter("-A INPUT -s 11.0.0.0/8 -j DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"));
}

TEST(SmtEqual, APrefixIsItsHalves) {
  expectEqual(filter("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"),
              filter("-A INPUT -s 10.0.0.0/9 -j ACCEPT\n-A INPUT -s 10.128.0.0/9 -j ACCEPT\n"));
}

TEST(SmtEqual, AnIPv6PrefixIsItsHalves) {
  expectEqual(filter("-A INPUT -s 2001:db8::/32 -j ACCEPT\n"),
              filter("-A INPUT -s 2001:db8::/33 -j ACCEPT\n-A INPUT -s 2001:db8:8000::/33 -j ACCEPT\n"),
              packet::Family::IPv6);
}

TEST(SmtEqual, ARangeIsItsParts) {
  expectEqual(filter("-A INPUT -p tcp -m tcp --dport 100:299 -j ACCEPT\n"),
              filter("-A INPUT -p tcp -m tcp --dport 200:299 -j ACCEPT\n"
                     "-A INPUT -p tcp -m tcp --dport 100:199 -j ACCEPT\n"));
}

TEST(SmtEqual, AnInlinedChain) {
  expectEqual(filter("-A INPUT -s 10.0.0.0/8 -j A\n-A INPUT -p udp -j ACCEPT\n"
                     "-A A -p tcp -j RETURN\n-A A -j DROP\n"),
              filter("-A INPUT -s 10.0.0.0/8 ! -p tcp -j DROP\n-A INPUT -p udp -j ACCEPT\n"));
}

TEST(SmtEqual, AGotoAtTheEndIsAJump) {
  std::string called = "-A A -p udp -j ACCEPT\n";
  expectEqual(filter("-A INPUT -g A\n" + called), filter("-A INPUT -j A\n" + called));
}

TEST(SmtEqual, AGotoInACalledChainReturnsToTheCallersCaller) {
  std::string called = "-A B -p udp -j DROP\n-A INPUT -j ACCEPT\n";
  expectEqual(filter("-A INPUT -j A\n-A A -g B\n-A A -j DROP\n" + called), filter("-A INPUT -j B\n" + called));
}

TEST(SmtEqual, AMarkThatIsOverwrittenBeforeItIsRead) {
  std::string last = "-A INPUT -j MARK --set-xmark 0x2/0xffffffff\n-A INPUT -m mark --mark 0x2 -j ACCEPT\n";
  expectEqual(filter("-A INPUT -p tcp -j MARK --set-xmark 0x1/0xffffffff\n" + last), filter(last));
}

TEST(SmtEqual, MarksOfDifferentBitsInAnyOrder) {
  std::string one = "-A INPUT -p tcp -j MARK --set-xmark 0x1/0x1\n", two = "-A INPUT -j MARK --set-xmark 0x2/0x2\n";
  expectEqual(filter(one + two), filter(two + one));
}

TEST(SmtEqual, ALogOfEverythingInHalves) {
  std::string rest = "-A INPUT -p tcp -j ACCEPT\n";
  expectEqual(filter("-A INPUT -j LOG\n" + rest),
              filter("-A INPUT -s 0.0.0.0/1 -j LOG\n-A INPUT -s 128.0.0.0/1 -j LOG\n" + rest));
}

TEST(SmtEqual, ARuleWithoutTargetOnlyCounts) {
  expectEqual(filter("-A INPUT -p tcp\n-A INPUT -p tcp -j ACCEPT\n"), filter("-A INPUT -p tcp -j ACCEPT\n"));
}

TEST(SmtEqual, TheSameUnknownConditionTwice) {
  std::string test = "-m string --string GET --algo bm --to 65535 ";
  expectEqual(filter("-A INPUT " + test + "-j ACCEPT\n-A INPUT " + test + "-j DROP\n"),
              filter("-A INPUT " + test + "-j ACCEPT\n"));
}

TEST(SmtEqual, TheSameUnknownMarkOnBothSides) {
  std::string restore = "-A INPUT -j SET --map-set m src --map-mark\n";
  expectEqual(filter(restore + "-A INPUT -m mark --mark 0x0/0x1 -j ACCEPT\n-A INPUT -m mark --mark 0x1/0x1 -j ACCEPT\n"),
              filter(restore + "-A INPUT -j ACCEPT\n"));
}

TEST(SmtEqual, ADeadRuleBesideAConditionWithState) {
  std::string limited = "-A INPUT -p tcp -m limit --limit 3/min -j LOG\n";
  expectEqual(filter(limited + "-A INPUT -p udp -j ACCEPT\n-A INPUT -p udp -j DROP\n"),
              filter(limited + "-A INPUT -p udp -j ACCEPT\n"));
}

TEST(SmtEqual, FragmentsAreWholeWhereConnectionsAreTracked) {
  std::string tracked = "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";
  expectEqual(filter(tracked + "-A FORWARD -f -j ACCEPT\n"), filter(tracked));
  std::string rest = "-A FORWARD -j DROP\n";
  expectDifferent(filter("-A FORWARD -f -j ACCEPT\n" + rest), filter(rest));
  expectEqual(filter("-A INPUT -f -j ACCEPT\n"), filter("")); // put together before INPUT, tracked or not
}

TEST(SmtEqual, WhatIsUnchangedIsCountedApart) {
  std::string text = filter("-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT\n");
  Comparison comparison = compare(rules(text), rules(text), milliseconds(1000));
  EXPECT_EQ(comparison.result, Verdict::Equal);
  EXPECT_EQ(comparison.queries, 0u);
  EXPECT_EQ(comparison.unchanged, 1u);
}

} // namespace iptlint::smt
