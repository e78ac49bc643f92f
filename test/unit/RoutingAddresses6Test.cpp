// What addresses of IPv6 decide: delivery, and the source of what is sent.
#include "RoutingMachine.h"

namespace iptlint::eval {

class RoutingAddresses6 : public testing::Test {
protected:
  Machine machine;

  void SetUp() override {
    machine.address("em1", "2001:db8:1::1/64");
    machine.address("em1", "fe80::1/64").scope = "link";
    machine.address("em2", "fd00:2::1/64");
  }

  std::string sourceTo(llvm::StringRef dst) { return sourceOf(machine.decide(sent(dst)), Family::IPv6); }
};

TEST_F(RoutingAddresses6, SourceIsOfTheScopeOfTheDestination) {
  EXPECT_EQ(sourceTo("2001:db8:1::7"), "2001:db8:1::1");
  Flow flow = sent("fe80::7");
  flow.out = "em1";
  EXPECT_EQ(sourceOf(machine.decide(flow), Family::IPv6), "fe80::1");
}

TEST_F(RoutingAddresses6, SourceIsOfTheInterfaceBeforeItIsOfTheLabel) {
  machine.routes("default via fe80::9 dev em1 metric 1024\n");
  EXPECT_EQ(sourceTo("fd00:9::7"), "2001:db8:1::1");
}

TEST_F(RoutingAddresses6, SourceIsOfTheLabelOfTheDestination) {
  machine.address("em1", "fd00:1::1/64");
  machine.routes("default via fe80::9 dev em1 metric 1024\n");
  EXPECT_EQ(sourceTo("fd00:9::7"), "fd00:1::1");
  EXPECT_EQ(sourceTo("2a00::7"), "2001:db8:1::1");
  EXPECT_EQ(sourceTo("feff::7"), "fd00:1::1"); // neither has its label: more bits in common
}

TEST_F(RoutingAddresses6, DeprecatedAddressIsTakenLast) {
  machine.address("em1", "2001:db8:1::2/64");
  machine.interface("em1").addresses.front().deprecated = true;
  EXPECT_EQ(sourceTo("2001:db8:1::7"), "2001:db8:1::2");
  machine.interface("em1").addresses.back().unusable = true;
  EXPECT_EQ(sourceTo("2001:db8:1::7"), "fd00:2::1"); // before that, even one of another interface
}

TEST_F(RoutingAddresses6, LongestCommonPrefixIsTheLastRule) {
  machine.address("em1", "2001:db8:1:0:8000::1/64");
  EXPECT_EQ(sourceTo("2001:db8:1::7"), "2001:db8:1::1"); // both have 64 bits in common, no prefix is longer
  machine.address("em1", "2001:db8:1::4:1/112");
  EXPECT_EQ(sourceTo("2001:db8:1::4:7"), "2001:db8:1::4:1");
}

TEST_F(RoutingAddresses6, RoutersListenToTheAddressOfAPrefix) {
  Decisions decisions = machine.decide(received("em2", "fd00:2::7", "2001:db8:1::"));
  EXPECT_EQ(inShort(decisions), "local");
  EXPECT_EQ(decisions.front().routeText, "anycast 2001:db8:1:: dev em1 table local proto kernel");
  machine.set("net.ipv6.conf.em1.forwarding", "0").set("net.ipv6.conf.all.forwarding", "0");
  EXPECT_EQ(inShort(machine.decide(received("em2", "fd00:2::7", "2001:db8:1::"))), "not forwarding");
}

TEST_F(RoutingAddresses6, LinkLocalSourceIsNotForwarded) {
  Decision decision = machine.decide(received("em2", "fe80::7", "2001:db8:1::7")).front();
  EXPECT_EQ(decision.martian, Martian::LinkLocalSource);
  EXPECT_EQ(decision.icmp, 0x102);
  EXPECT_EQ(inShort(machine.decide(received("em1", "fe80::7", "2001:db8:1::7"))), "out em1"); // a redirect is sent
}

TEST_F(RoutingAddresses6, LinkLocalDestinationIsOfTheInterface) {
  EXPECT_EQ(inShort(machine.decide(received("em1", "fe80::7", "fe80::1"))), "local");
  EXPECT_EQ(inShort(machine.decide(received("em2", "fe80::7", "fe80::1"))), "no route");
}

TEST_F(RoutingAddresses6, GroupsOfEveryMachineAndOfItsAddresses) {
  auto decide = [&](llvm::StringRef dst) { return machine.decide(received("em1", "fe80::7", dst)); };
  EXPECT_EQ(inShort(decide("ff02::1")), "multicast");
  EXPECT_EQ(inShort(decide("ff02::2")), "multicast");
  EXPECT_EQ(inShort(decide("ff02::1:ff00:1")), "multicast");
  EXPECT_EQ(decide("ff02::1:ff00:2").size(), 2u);
}

TEST_F(RoutingAddresses6, SomeAreRefusedBeforeAnyHook) {
  EXPECT_EQ(Routing::refusedOnArrival(received("em1", "::1", "fe80::1"), false), Martian::LoopbackSource);
  EXPECT_EQ(Routing::refusedOnArrival(received("lo", "::1", "::1"), true), Martian::None);
  EXPECT_EQ(Routing::refusedOnArrival(received("em1", "ff02::1", "fe80::1"), false), Martian::MulticastSource);
  EXPECT_EQ(Routing::refusedOnArrival(received("em1", "fe80::7", "ff01::1"), false), Martian::MulticastScope);
  EXPECT_EQ(Routing::refusedOnArrival(received("em1", "fe80::7", "ff02::1"), false), Martian::None);
  EXPECT_EQ(Routing::refusedOnArrival(received("em1", "127.0.0.1", "10.0.0.1"), false), Martian::None);
}

} // namespace iptlint::eval
