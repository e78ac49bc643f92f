// What the proof leaves out, so that rules with state do not keep it from an end: what an earlier rule did to packets
// that cannot come here, and packets that cannot come back from a chain. Each beside a pair that differs where too much
// were left out.
#include "SmtRules.h"

namespace iptlint::smt {

/// Chains that let a packet come back or not, by a die of their own.
static std::string dice(const std::string &lines) {
  return filter(lines + "-A A -m statistic --mode random --probability 0.5 -j ACCEPT\n"
                        "-A B -m statistic --mode random --probability 0.25 -j ACCEPT\n");
}

static void expectNotEqual(const std::string &before, const std::string &after) {
  for (const Effort &effort : efforts())
    EXPECT_NE(compare(rules(before), rules(after), effort).result, Verdict::Equal) << before << after;
}

TEST(SmtLess, CallsForOtherAddressesInAnotherOrder) {
  expectEqual(dice("-A INPUT -d 10.0.0.1 -j A\n-A INPUT -d 10.0.0.2 -j B\n-A INPUT -j LOG\n"),
              dice("-A INPUT -d 10.0.0.2 -j B\n-A INPUT -d 10.0.0.1 -j A\n-A INPUT -j LOG\n"));
  expectNotEqual(dice("-A INPUT -d 10.0.0.1 -j A\n-A INPUT -d 10.0.0.0/31 -j B\n-A INPUT -j LOG\n"),
                 dice("-A INPUT -d 10.0.0.0/31 -j B\n-A INPUT -d 10.0.0.1 -j A\n-A INPUT -j LOG\n"));
}

TEST(SmtLess, CallsForAllOthersInAnotherOrder) {
  expectEqual(dice("-A INPUT -d 10.0.0.1 -j A\n-A INPUT ! -d 10.0.0.1 -j B\n"),
              dice("-A INPUT ! -d 10.0.0.1 -j B\n-A INPUT -d 10.0.0.1 -j A\n"));
  expectNotEqual(dice("-A INPUT -d 10.0.0.0/31 -j A\n-A INPUT ! -d 10.0.0.1 -j B\n"),
                 dice("-A INPUT ! -d 10.0.0.1 -j B\n-A INPUT -d 10.0.0.0/31 -j A\n"));
}

TEST(SmtLess, WhatAnEarlierRuleDidToTheSamePackets) {
  std::string mark = "-A INPUT -d 10.0.0.0/31 -j MARK --set-mark 1\n",
              drop = "-A INPUT -d 10.0.0.1 -m mark --mark 1 -j DROP\n";
  std::string rest = "-A INPUT -j ACCEPT\n";
  expectEqual(filter(mark + drop + rest), filter(mark + "-A INPUT -d 10.0.0.1 -j DROP\n" + rest));
  expectDifferent(filter(mark + drop + rest), filter(drop + mark + rest));
}

TEST(SmtLess, AFieldThatIsWrittenTellsNoPacketsApart) {
  auto mangle = [](const std::string &lines) { return "*mangle\n:PREROUTING ACCEPT [0:0]\n" + lines + "COMMIT\n"; };
  std::string set = "-A PREROUTING -m ttl --ttl-eq 5 -j TTL --ttl-set 6\n",
              drop = "-A PREROUTING -m ttl --ttl-eq 6 -j DROP\n";
  expectDifferent(mangle(set + drop), mangle(drop + set));
}

TEST(SmtLess, ADieInFrontOfATestIsCastForThoseWhoFailTheTest) {
  std::string die = "-A INPUT -m statistic --mode nth --every 2 --packet 0 -m tcp -p tcp --dport 22 -j LOG\n";
  std::string accept = "-A INPUT -p tcp --dport 80 -j ACCEPT\n";
  expectNotEqual(filter(die + accept), filter(accept + die));
}

TEST(SmtLess, AnEffectThatSeesAnotherMark) {
  std::string before = "-A INPUT -j MARK --set-mark 1\n", rest = "-A INPUT -j LOG\n-A INPUT -j MARK --set-mark 0\n";
  expectNotEqual(filter(before + rest), filter(rest));
}

TEST(SmtLess, AChainThatEndsForOneProtocol) {
  std::string chain = "-A A -p tcp -j ACCEPT\n";
  expectEqual(filter("-A INPUT -d 10.0.0.1 -p tcp -j A\n-A INPUT -j LOG\n" + chain),
              filter("-A INPUT -d 10.0.0.1 -p tcp -j ACCEPT\n-A INPUT -j LOG\n" + chain));
  expectDifferent(filter("-A INPUT -d 10.0.0.1 -j A\n-A INPUT -j LOG\n" + chain),
                  filter("-A INPUT -d 10.0.0.1 -j A\n-A INPUT ! -d 10.0.0.1 -j LOG\n" + chain));
  expectDifferent(filter("-A INPUT -d 10.0.0.1 ! -p udp -j A\n-A INPUT -j LOG\n" + chain),
                  filter("-A INPUT -d 10.0.0.1 ! -p udp -j A\n-A INPUT ! -d 10.0.0.1 -j LOG\n" + chain));
}

TEST(SmtLess, AChainThatReturnsBeforeItEnds) {
  std::string chain = "-A A -s 10.0.0.0/8 -j RETURN\n-A A -p tcp -j ACCEPT\n";
  expectDifferent(filter("-A INPUT -p tcp -j A\n-A INPUT -p tcp -j LOG\n" + chain),
                  filter("-A INPUT -p tcp -j A\n" + chain));
}

TEST(SmtLess, AChainThatGoesAwayBeforeItEnds) {
  std::string chain = "-A A -s 10.0.0.0/8 -g B\n-A A -p tcp -j ACCEPT\n";
  expectDifferent(filter("-A INPUT -p tcp -j A\n-A INPUT -p tcp -j LOG\n" + chain),
                  filter("-A INPUT -p tcp -j A\n" + chain));
}

TEST(SmtLess, AChainThatCallsOneThatEnds) {
  std::string chain = "-A A -j B\n-A B -p tcp -m tcp --dport 1:99 -j ACCEPT\n";
  expectEqual(filter("-A INPUT -p tcp -m tcp --dport 22 -j A\n-A INPUT -p tcp -m tcp --dport 22 -j LOG\n" + chain),
              filter("-A INPUT -p tcp -m tcp --dport 22 -j A\n" + chain));
  expectDifferent(
      filter("-A INPUT -p tcp -m tcp --dport 22:100 -j A\n-A INPUT -p tcp -m tcp --dport 22:100 -j LOG\n" + chain),
      filter("-A INPUT -p tcp -m tcp --dport 22:100 -j A\n" + chain));
}

TEST(SmtLess, AVerdictBehindADieEndsNothing) {
  expectNotEqual(dice("-A INPUT -p tcp -j A\n-A INPUT -p tcp -j LOG\n"), dice("-A INPUT -p tcp -j A\n"));
}

TEST(SmtLess, OneDieForAnother) {
  expectNotEqual(dice("-A INPUT -d 10.0.0.1 -j A\n-A INPUT -d 10.0.0.2 -j B\n"),
                 dice("-A INPUT -d 10.0.0.1 -j B\n-A INPUT -d 10.0.0.2 -j A\n"));
}

TEST(SmtLess, ADieInAStateThatIsWrittenInTwoWays) {
  std::string first = "-A INPUT -s 10.0.0.0/8 -j MARK --set-mark 1\n",
              second = "-A INPUT ! -s 10.0.0.0/8 -j MARK --set-mark 2\n";
  expectEqual(dice(first + second + "-A INPUT -j A\n"), dice(second + first + "-A INPUT -j A\n"));
  std::string other = "-A INPUT ! -s 10.0.0.0/9 -j MARK --set-mark 2\n";
  expectNotEqual(dice(first + other + "-A INPUT -j A\n"), dice(other + first + "-A INPUT -j A\n"));
}

} // namespace iptlint::smt
