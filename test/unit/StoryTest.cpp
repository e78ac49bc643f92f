// What is open in a packet's way: every way that it can go, with its share, and how answers agree with each other.
#include "Traces.h"

namespace iptlint::eval {
namespace {

using testing::ElementsAre;

constexpr const char *kFromLan = "-i lan -p tcp -s 10.0.0.9 --sport 40000 -d 203.0.113.7 --dport 80";

std::string forward(llvm::StringRef rules) {
  return ("*filter\n:FORWARD ACCEPT [0:0]\n:C - [0:0]\n" + rules + "COMMIT\n").str();
}

TEST(Story, ChanceHasExactShares) {
  EXPECT_THAT(
      Traced(forward("-A FORWARD -m statistic --mode random --probability 0.25 -j DROP\n")).ways(kFromLan),
      ElementsAre("1/4 if -m statistic --mode random --probability 0.25 matches: drop",
                  "3/4 unless -m statistic --mode random --probability 0.25 matches: forward wan to 192.0.2.254"));
  EXPECT_THAT(
      Traced(forward("-A FORWARD -m statistic --mode random ! --probability 0.25 -j DROP\n")).ways(kFromLan).front(),
      testing::StartsWith("3/4 "));
}

/// kube-proxy's way of choosing one endpoint of three: the kernel compares with multiples of 2^-31.
TEST(Story, EndpointsOfAServiceHaveTheSharesThatTheKernelGivesThem) {
  std::string rules = "*nat\n:PREROUTING ACCEPT [0:0]\n";
  for (llvm::StringRef chance : {"-m statistic --mode random --probability 0.33333333349 ",
                                 "-m statistic --mode random --probability 0.50000000000 ", ""})
    rules += ("-A PREROUTING -p tcp " + chance + "-j DNAT --to-destination 10.0.0." +
              (chance.empty()           ? "13"
               : chance.contains("0.5") ? "12"
                                        : "11") +
              "\n")
                 .str();
  Story told = Traced(rules + "COMMIT\n").story(kFromLan);
  ASSERT_EQ(told.shares.size(), 3u);
  EXPECT_EQ(told.shares[0].text(), "715827883/2147483648");
  EXPECT_EQ(told.shares[1].text(), "1431655765/4294967296");
  EXPECT_EQ(told.shares[2].text(), "1431655765/4294967296");
  EXPECT_TRUE((told.shares[0] + told.shares[1] + told.shares[2]).isOne());
}

TEST(Story, WhatKeepsStateFallsEitherWay) {
  Traced limited(forward("-A FORWARD -m limit --limit 5/min -j ACCEPT\n-A FORWARD -j DROP\n"));
  EXPECT_THAT(limited.ways(kFromLan), ElementsAre("1 if -m limit --limit 5/min matches: forward wan to 192.0.2.254",
                                                  "1 unless -m limit --limit 5/min matches: drop"));
  EXPECT_THAT(limited.assume("-m limit", false).ways(kFromLan),
              ElementsAre("1 unless -m limit --limit 5/min matches: drop"));
}

TEST(Story, AnswersThatMakeNoDifferenceAreNotTold) {
  EXPECT_THAT(Traced(forward("-A FORWARD -m limit --limit 5/min -m mark --mark 1 -j DROP\n")).ways(kFromLan),
              ElementsAre("1: forward wan to 192.0.2.254"));
  EXPECT_THAT(Traced(forward("-A FORWARD -m limit --limit 5/min -j LOG\n")).ways(kFromLan).size(), 2u)
      << "one of them is logged";
}

TEST(Story, AFunctionOfThePacketHasOneValueUntilItIsRewritten) {
  std::string twice = "-A FORWARD -m string --algo bm --string x -j MARK --set-mark 1\n-A FORWARD -m string --algo bm "
                      "--string x -j DROP\n";
  EXPECT_EQ(Traced(forward(twice)).ways(kFromLan).size(), 2u);
  std::string rewritten = "*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m string --algo bm --string x\n-A FORWARD -j "
                          "TTL --ttl-set 9\n-A FORWARD -m string --algo bm --string x\nCOMMIT\n";
  EXPECT_EQ(Traced(rewritten).ways(kFromLan).size(), 4u);
}

TEST(Story, WhatNobodySaidOfThePacketIsAskedFor) {
  Traced machine(forward("-A FORWARD -m mac --mac-source 02:00:00:00:00:09 -j DROP\n-A FORWARD -m mac --mac-source "
                         "02:00:00:00:00:09 -j ACCEPT\n"));
  EXPECT_THAT(machine.ways(kFromLan), ElementsAre("1 if mac is 02:00:00:00:00:09: drop",
                                                  "1 unless mac is 02:00:00:00:00:09: forward wan to 192.0.2.254"))
      << "the second rule is never met";
  EXPECT_THAT(machine.ways(std::string(kFromLan) + " --mac-source 02:00:00:00:00:08"),
              ElementsAre("1: forward wan to 192.0.2.254"));
}

TEST(Story, APortOutOfSeveralIsAskedForOnlyWhereItMatters) {
  auto ways = [](const char *filter) {
    return Traced("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to-destination "
                  "10.0.0.9:5000-5009\nCOMMIT\n" +
                  forward(filter))
        .ways("-i wan -p tcp -s 203.0.113.7 -d 192.0.2.1 --dport 80");
  };
  EXPECT_THAT(ways("-A FORWARD -p tcp --dport 5000:5009 -j DROP\n"), ElementsAre("1: drop"));
  EXPECT_THAT(ways("-A FORWARD -p tcp --dport 80 -j DROP\n"), ElementsAre("1: forward lan to 10.0.0.9"));
  EXPECT_THAT(ways("-A FORWARD -p tcp --dport 5003 -j DROP\n"),
              ElementsAre("1 if dport is 5003: drop", "1 unless dport is 5003: forward lan to 10.0.0.9"));
}

TEST(Story, ARangeOfAddressesIsEachOfThem) {
  Traced machine("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination 10.0.0.8-10.0.0.9\nCOMMIT\n");
  EXPECT_THAT(machine.ways("-i wan -p tcp -s 203.0.113.7 -d 192.0.2.1 --dport 80"),
              ElementsAre("1 if DNAT chooses 10.0.0.8: forward lan to 10.0.0.8",
                          "1 if DNAT chooses 10.0.0.9: forward lan to 10.0.0.9"));
}

TEST(Story, OwnAddressesThatAreNotKnownMakeTwoWaysThatAgree) {
  Traced machine(
      "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m addrtype --dst-type LOCAL -j MARK --set-mark 1\nCOMMIT\n"
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -m mark --mark 1 -j DROP\nCOMMIT\n");
  EXPECT_THAT(machine.addresses("").ways("-i lan -p tcp -s 10.0.0.9 -d 10.0.0.77 --dport 80"),
              ElementsAre("1 if 10.0.0.77 is no address of this machine: drop",
                          "1 if 10.0.0.77 is an address of this machine: drop"));
}

TEST(Story, HopsOfARouteHaveTheirWeights) {
  Traced machine("*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n");
  machine.routes("default nexthop via 192.0.2.254 dev wan weight 3 nexthop via 10.0.0.254 dev lan weight "
                 "1\n10.0.0.0/24 dev lan scope link\n192.0.2.0/24 dev wan scope link\n");
  EXPECT_THAT(machine.ways(kFromLan), ElementsAre("3/4 if routing takes 192.0.2.254 by wan: forward wan to 192.0.2.254",
                                                  "1/4 if routing takes 10.0.0.254 by lan: forward lan to 10.0.0.254"));
}

TEST(Story, SoManyWaysAreFollowedAndNoMore) {
  std::string rules;
  for (unsigned i = 1; i <= 5; ++i)
    rules += fmt::format("-A FORWARD -m limit --limit {}/min -j MARK --set-xmark {}/{}\n", i, 1 << i, 1 << i);
  EXPECT_TRUE(Traced(forward(rules)).story(kFromLan).complete);
  EXPECT_EQ(Traced(forward(rules)).story(kFromLan).paths.size(), 32u);
  EXPECT_FALSE(Traced(forward(rules)).most(31).story(kFromLan).complete);
  EXPECT_TRUE(Traced(forward(rules)).most(32).story(kFromLan).complete);
}

TEST(Story, RulesOfAFragmentMayStandBehindOthers) {
  Traced machine("-A FORWARD -p tcp -j DROP\n");
  Story told = machine.story(kFromLan);
  ASSERT_EQ(told.paths.size(), 2u);
  EXPECT_EQ(told.paths[0].asked().trip.ending, Ending::Drop);
  EXPECT_EQ(told.paths[1].asked().trip.ending, Ending::Unknown);
}

TEST(Fraction, IsExactAndInLowestTerms) {
  EXPECT_EQ(Fraction(2, 4).text(), "1/2");
  EXPECT_EQ((Fraction(1, 3) * Fraction(3, 7)).text(), "1/7");
  EXPECT_EQ((Fraction(1, 3) + Fraction(1, 6)).text(), "1/2");
  EXPECT_TRUE((Fraction(1, 3) + Fraction(2, 3)).isOne());
  Fraction tiny;
  for (unsigned i = 0; i != 10; ++i)
    tiny = tiny * Fraction(1, uint64_t(1) << 31);
  EXPECT_EQ(tiny.text().size(), 2 + 94u) << "2^310";
  EXPECT_NEAR(Fraction(1, 3).value(), 1.0 / 3, 1e-15);
}

} // namespace
} // namespace iptlint::eval
