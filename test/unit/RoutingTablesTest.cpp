// Which route of which table is taken.
#include "RoutingMachine.h"

namespace iptlint::eval {

static Machine twoLegs() {
  Machine machine;
  machine.address("em1", "10.1.0.1/16");
  machine.address("em2", "10.2.0.1/16");
  return machine;
}

TEST(RoutingTables, LongestPrefixWinsWhateverItsMetric) {
  Machine machine = twoLegs();
  machine.routes(
      "default via 10.1.0.9 dev em1\n10.9.0.0/16 via 10.2.0.9 dev em2 metric 500\n10.8.0.0/15 dev em1 metric 1\n");
  EXPECT_EQ(inShort(machine.decide(received("em1", "10.1.0.7", "10.9.255.255"))), "out em2 via 10.2.0.9");
  EXPECT_EQ(inShort(machine.decide(received("em1", "10.1.0.7", "10.8.255.255"))), "out em1");
  EXPECT_EQ(inShort(machine.decide(received("em1", "10.1.0.7", "10.10.0.0"))), "out em1 via 10.1.0.9");
}

TEST(RoutingTables, LowestMetricOfOnePrefixWins) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16 via 10.2.0.9 dev em2 metric 20\n10.9.0.0/16 via 10.1.0.9 dev em1 metric 10\n");
  EXPECT_EQ(inShort(machine.decide(sent("10.9.0.1"))), "out em1 via 10.1.0.9");
}

TEST(RoutingTables, RouteWithTosComesFirstAndTakesItsTosOnly) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16 via 10.1.0.9 dev em1\n10.9.0.0/16 tos 0x10 via 10.2.0.9 dev em2 metric 50\n");
  Flow flow = sent("10.9.0.1");
  flow.tos = 0x10;
  EXPECT_EQ(inShort(machine.decide(flow)), "out em2 via 10.2.0.9");
  flow.tos = 0xf3; // of these bits, 0x10 alone is read
  EXPECT_EQ(inShort(machine.decide(flow)), "out em2 via 10.2.0.9");
  flow.tos = 0x14;
  EXPECT_EQ(inShort(machine.decide(flow)), "out em1 via 10.1.0.9");
}

TEST(RoutingTables, RefusalsAreToldAndThrowIsNot) {
  Machine machine = twoLegs();
  machine.routes("unreachable 10.9.1.0/24\nprohibit 10.9.2.0/24\nblackhole 10.9.3.0/24\nthrow 10.9.4.0/24\n"
                 "10.9.0.0/16 via 10.2.0.9 dev em2\n");
  auto decide = [&](llvm::StringRef dst) { return machine.decide(received("em1", "10.1.0.7", dst)).front(); };
  EXPECT_EQ(decide("10.9.1.1").fate, Fate::Unreachable);
  EXPECT_EQ(decide("10.9.1.1").reason, "10.9.1.1 is unreachable (ICMP 3/1)");
  EXPECT_EQ(decide("10.9.1.1").icmp, 0x301);
  EXPECT_EQ(decide("10.9.2.1").fate, Fate::Prohibit);
  EXPECT_EQ(decide("10.9.2.1").icmp, 0x30d);
  EXPECT_EQ(decide("10.9.3.1").fate, Fate::Blackhole);
  EXPECT_FALSE(decide("10.9.3.1").icmp);
  EXPECT_EQ(decide("10.9.4.1").fate, Fate::NoRoute); // not the shorter prefix of the same table
  EXPECT_EQ(decide("10.9.4.1").icmp, 0x300);
  EXPECT_EQ(decide("10.9.5.1").fate, Fate::Out);
  EXPECT_FALSE(machine.decide(sent("10.9.1.1")).front().icmp); // its own socket gets an error
}

TEST(RoutingTables, IPv6RefusalsHaveOtherCodes) {
  Machine machine;
  machine.address("em1", "2001:db8:1::1/64");
  machine.routes("unreachable 2001:db8:9::/48 dev lo metric 1024\nprohibit 2001:db8:a::/48 dev lo metric 1024\n");
  auto decide = [&](llvm::StringRef dst) { return machine.decide(received("em1", "2001:db8:1::7", dst)).front(); };
  EXPECT_EQ(decide("2001:db8:9::1").fate, Fate::Unreachable);
  EXPECT_EQ(decide("2001:db8:9::1").icmp, 0x100);
  EXPECT_EQ(decide("2001:db8:a::1").icmp, 0x101);
  EXPECT_EQ(decide("2001:db8:b::1").fate, Fate::NoRoute);
  EXPECT_EQ(decide("2001:db8:b::1").icmp, 0x100);
}

TEST(RoutingTables, NextHopsShareByTheirWeights) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16\n\tnexthop via 10.1.0.9 dev em1 weight 3\n\tnexthop via 10.2.0.9 dev em2 weight 1\n"
                 "\tnexthop via 10.2.0.8 dev em2 weight 7 dead\n");
  Decisions decisions = machine.decide(received("em1", "10.1.0.7", "10.9.0.1"));
  ASSERT_EQ(inShort(decisions), "out em1 via 10.1.0.9 | out em2 via 10.2.0.9");
  EXPECT_EQ(decisions[0].weight, 3u);
  EXPECT_EQ(decisions[1].weight, 1u);
  EXPECT_EQ(decisions[1].weights, 4u);
}

TEST(RoutingTables, SenderPrefersTheNextHopOfItsSource) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16\n\tnexthop via 10.1.0.9 dev em1 weight 3\n\tnexthop via 10.2.0.9 dev em2 weight 1\n");
  EXPECT_EQ(inShort(machine.decide(sent("10.9.0.1", "10.2.0.1"))), "out em2 via 10.2.0.9");
  EXPECT_EQ(machine.decide(sent("10.9.0.1")).size(), 2u);
}

TEST(RoutingTables, InterfaceOfTheSocketPicksTheNextHop) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16 via 10.1.0.9 dev em1\n10.9.0.0/16 via 10.2.0.9 dev em2 metric 9\n");
  Flow flow = sent("10.9.0.1");
  flow.out = "em2";
  EXPECT_EQ(inShort(machine.decide(flow)), "out em2 via 10.2.0.9");
  flow.dst = addressOf("11.0.0.1"); // no route: believed to be on the link
  EXPECT_EQ(inShort(machine.decide(flow)), "out em2");
}

TEST(RoutingTables, LinkWithoutCarrierIsLeftOutOnlyIfTheSettingSaysSo) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16 via 10.1.0.9 dev em1 linkdown\n10.8.0.0/15 via 10.2.0.9 dev em2\n");
  EXPECT_EQ(inShort(machine.decide(sent("10.9.0.1"))), "out em1 via 10.1.0.9");
  machine.set("net.ipv4.conf.em1.ignore_routes_with_linkdown", "1");
  EXPECT_EQ(inShort(machine.decide(sent("10.9.0.1"))), "out em2 via 10.2.0.9");
}

TEST(RoutingTables, RouteThatIsNotModelledForks) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16 nhid 7 via 10.1.0.9 dev em1\n10.8.0.0/15 via 10.2.0.9 dev em2\n");
  machine.network.routes[0].opaque = true;
  Decisions decisions = machine.decide(sent("10.9.0.1"));
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[0].fate, Fate::Out);
  EXPECT_EQ(decisions[0].supposing, "the route '10.9.0.0/16 nhid 7 via 10.1.0.9 dev em1' does not take the packet");
  EXPECT_EQ(decisions[1].fate, Fate::Unknown);
  EXPECT_EQ(inShort(machine.decide(sent("10.8.0.1"))), "out em2 via 10.2.0.9"); // it is not in the way
}

TEST(RoutingTables, LineThatCouldNotBeReadIsInEveryWay) {
  Machine machine = twoLegs();
  machine.routes("10.8.0.0/15 via 10.2.0.9 dev em2\n10.9.0.0/16 dev em1\n");
  machine.network.routes[1].broken = true;
  Decisions decisions = machine.decide(sent("10.8.0.1"));
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[1].reason, "the line '10.9.0.0/16 dev em1' could not be read");
}

TEST(RoutingTables, DecisionNamesItsRuleAndItsRoute) {
  Machine machine = twoLegs();
  machine.routes("10.9.0.0/16 via 10.1.0.9 dev em1 proto static\n");
  Decision decision = machine.decide(sent("10.9.0.1")).front();
  EXPECT_EQ(decision.ruleText, "32766: from all lookup main");
  EXPECT_EQ(decision.rule, nullptr); // no text of rules was given
  EXPECT_EQ(decision.table, "main");
  EXPECT_EQ(decision.route, &machine.network.routes[0]);
  EXPECT_EQ(decision.routeText, "10.9.0.0/16 via 10.1.0.9 dev em1 proto static");
  Decision own = machine.decide(sent("10.1.0.1")).front();
  EXPECT_EQ(own.route, nullptr);
  EXPECT_EQ(own.routeText, "local 10.1.0.1 dev em1 table local proto kernel scope host src 10.1.0.1");
}

TEST(RoutingTables, LocalAndMainAreOneUntilARuleIsAdded) {
  Machine machine = twoLegs();
  machine.routes("127.5.5.5 via 10.1.0.9 dev em1\n");
  Decisions decisions = machine.decide(sent("127.5.5.5"));
  ASSERT_EQ(decisions.size(), 2u); // a rule that was added and deleted leaves them parted
  EXPECT_EQ(inShort(decisions[0]), "out em1 via 10.1.0.9");
  EXPECT_EQ(inShort(decisions[1]), "local");
  machine.startRules().rule(9, "100").from = prefixOf("10.3.0.0/16");
  EXPECT_EQ(inShort(machine.decide(sent("127.5.5.5"))), "local");
}

TEST(RoutingTables, IPv6SourceOfARouteIsAskedForToo) {
  Machine machine;
  machine.address("em1", "2001:db8:1::1/64");
  machine.address("em2", "2001:db8:2::1/64");
  machine.routes("2001:db8:9::/48 via 2001:db8:1::9 dev em1 metric 1024\n"
                 "2001:db8:9::/48 from 2001:db8:2::/64 via 2001:db8:2::9 dev em2 metric 2000\n");
  EXPECT_EQ(inShort(machine.decide(sent("2001:db8:9::1", "2001:db8:2::1"))), "out em2 via 2001:db8:2::9");
  // The kernel then passes over the whole prefix, and takes a shorter one.
  EXPECT_EQ(inShort(machine.decide(sent("2001:db8:9::1", "2001:db8:1::1"))), "no route");
  machine.routes("2001:db8::/32 via 2001:db8:1::8 dev em1 metric 1024\n");
  EXPECT_EQ(inShort(machine.decide(sent("2001:db8:9::1", "2001:db8:1::1"))), "out em1 via 2001:db8:1::8");
  machine.routes("2001:db8:9::1 dev em3 metric 1024 linkdown\n")
      .set("net.ipv6.conf.em3.ignore_routes_with_linkdown", "1");
  EXPECT_EQ(inShort(machine.decide(sent("2001:db8:9::1", "2001:db8:1::1"))), "out em1 via 2001:db8:1::9");
}

TEST(RoutingTables, IPv6PrefersTheInterfaceThatAPacketCameBy) {
  Machine machine;
  machine.address("em1", "2001:db8:1::1/64");
  machine.address("em2", "2001:db8:2::1/64");
  machine.routes("2001:db8:9::/48 dev em1 metric 1024\n2001:db8:9::/48 dev em2 metric 1024\n");
  EXPECT_EQ(inShort(machine.decide(received("em2", "2001:db8:2::7", "2001:db8:9::1"))), "out em2");
  EXPECT_EQ(inShort(machine.decide(received("em3", "2001:db8:2::7", "2001:db8:9::1"))), "out em1");
}

TEST(RoutingTables, HundredThousandRoutesAreLookedUpInUnderTenMilliseconds) {
  Machine machine = twoLegs();
  std::string text;
  for (unsigned n = 0; n != 100'000; ++n)
    text += fmt::format("20.{}.{}.{}/30 via 10.1.0.{} dev em1\n", n >> 14, n >> 6 & 255, (n & 63) * 4, n % 200 + 2);
  machine.routes(text);
  Routing routing(machine.network);
  auto began = std::chrono::steady_clock::now();
  for (unsigned n = 0; n != 100; ++n)
    EXPECT_EQ(routing.decide(sent(fmt::format("20.0.{}.5", n))).front().fate, Fate::Out);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

} // namespace iptlint::eval
