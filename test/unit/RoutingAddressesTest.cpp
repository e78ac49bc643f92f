// What addresses of IPv4 decide: delivery, martians, the way back, and the source of what is sent.
#include "RoutingMachine.h"

namespace iptlint::eval {

class RoutingAddresses : public testing::Test {
protected:
  Machine machine;

  void SetUp() override {
    machine.address("lo", "127.0.0.1/8").scope = "host";
    machine.address("em1", "10.1.0.1/16");
    machine.address("em2", "10.2.0.1/24");
    machine.address("em2", "10.2.0.2/24").secondary = true;
    machine.routes("default via 10.1.0.9 dev em1\n10.1.0.0/16 dev em1 proto kernel scope link src 10.1.0.1\n"
                   "10.2.0.0/24 dev em2 proto kernel scope link src 10.2.0.1\n");
  }

  std::string decide(llvm::StringRef in, llvm::StringRef src, llvm::StringRef dst) {
    return inShort(machine.decide(received(in, src, dst)));
  }
};

TEST_F(RoutingAddresses, OwnAddressesOfAnyInterfaceAreDelivered) {
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.1"), "local");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.2"), "local");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.3"), "out em2");
}

TEST_F(RoutingAddresses, BroadcastAddressesOfAnyInterfaceAreDelivered) {
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.255"), "broadcast em2");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.0"), "out em2");
  EXPECT_EQ(decide("em1", "10.1.0.7", "255.255.255.255"), "broadcast");
  EXPECT_EQ(decide("em1", "0.0.0.0", "255.255.255.255"), "broadcast");
}

TEST_F(RoutingAddresses, BroadcastIsForwardedOnlyIfBothSettingsSaySo) {
  machine.set("net.ipv4.conf.all.bc_forwarding", "1");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.255"), "broadcast em2");
  machine.set("net.ipv4.conf.em1.bc_forwarding", "1");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.255"), "out em2");
}

TEST_F(RoutingAddresses, Martians) {
  EXPECT_EQ(decide("em1", "127.0.0.1", "20.0.0.1"), "martian: the source is a loopback address");
  EXPECT_EQ(decide("em1", "0.0.0.0", "20.0.0.1"), "martian: the source is 0.0.0.0");
  EXPECT_EQ(decide("em1", "224.0.0.5", "20.0.0.1"), "martian: the source is a multicast address");
  EXPECT_EQ(decide("em1", "10.2.0.2", "20.0.0.1"), "martian: the source is an address of this machine");
  EXPECT_EQ(decide("em1", "10.1.0.7", "127.0.0.1"), "martian: the destination is a loopback address");
  EXPECT_EQ(decide("em1", "10.1.0.7", "0.0.0.0"), "martian: the destination is 0.0.0.0");
  EXPECT_EQ(decide("em2", "0.0.0.9", "0.0.0.8"), "out em1 via 10.1.0.9");
  EXPECT_EQ(decide("em2", "10.2.0.7", "240.0.0.1"), "out em1 via 10.1.0.9");
}

TEST_F(RoutingAddresses, SettingsAllowSomeMartians) {
  machine.set("net.ipv4.conf.all.route_localnet", "1").set("net.ipv4.conf.em1.accept_local", "1");
  EXPECT_EQ(decide("em1", "10.1.0.7", "127.0.0.1"), "local");
  EXPECT_EQ(decide("em1", "10.2.0.2", "20.0.0.1"), "out em1 via 10.1.0.9");
  EXPECT_EQ(decide("em1", "10.2.0.2", "10.2.0.9"), "out em2");
  EXPECT_EQ(decide("em2", "10.1.0.1", "20.0.0.1"), "martian: the source is an address of this machine");
}

TEST_F(RoutingAddresses, ReversePathFilter) {
  EXPECT_EQ(decide("em1", "10.2.0.7", "10.1.0.1"), "local");
  machine.set("net.ipv4.conf.all.rp_filter", "1");
  EXPECT_EQ(decide("em1", "10.2.0.7", "10.1.0.1"), "martian: rp_filter: the way back to the source is another");
  EXPECT_EQ(decide("em2", "10.2.0.7", "10.1.0.1"), "local");
  machine.set("net.ipv4.conf.em1.rp_filter", "2"); // the greater of both holds
  EXPECT_EQ(decide("em1", "10.2.0.7", "10.1.0.1"), "local");
  machine.network.routes.erase(machine.network.routes.begin());
  EXPECT_EQ(decide("em1", "20.0.0.1", "10.1.0.1"), "martian: rp_filter: the way back to the source is another");
}

TEST_F(RoutingAddresses, ForwardingIsASettingOfTheInterfaceThatAPacketComesBy) {
  machine.set("net.ipv4.conf.em1.forwarding", "0");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.9"), "not forwarding");
  EXPECT_EQ(decide("em2", "10.2.0.7", "10.1.0.9"), "out em1");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.1"), "local");
  machine.set("net.ipv4.ip_forward", "0");
  EXPECT_EQ(decide("em2", "10.2.0.7", "10.1.0.9"), "not forwarding");
}

TEST_F(RoutingAddresses, GroupsThatAreNotKnownToBeJoinedFork) {
  EXPECT_EQ(decide("em1", "10.1.0.7", "224.0.0.1"), "multicast");
  EXPECT_EQ(decide("em1", "10.1.0.7", "239.1.1.1"),
            "not forwarding if this machine does not listen to 239.1.1.1 on em1 | "
            "multicast if this machine listens to 239.1.1.1 on em1");
}

TEST_F(RoutingAddresses, UnknownAddressesForkDeliveryOnly) {
  machine.network.knowsAddresses = {};
  machine.network.interfaces.clear();
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.9"), "out em2 if 10.2.0.9 is no address of this machine | "
                                                   "local if 10.2.0.9 is an address of this machine");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.1"), "local"); // a connected route has it as its source
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.255"), "broadcast em2");
}

TEST_F(RoutingAddresses, SourceIsThatOfTheRouteElseOfTheInterface) {
  EXPECT_EQ(sourceOf(machine.decide(sent("20.0.0.1")), Family::IPv4), "10.1.0.1");
  EXPECT_EQ(sourceOf(machine.decide(sent("10.2.0.9")), Family::IPv4), "10.2.0.1");
  EXPECT_EQ(sourceOf(machine.decide(sent("10.2.0.2")), Family::IPv4), "10.2.0.1");
  machine.routes("30.0.0.0/8 via 10.1.0.9 dev em1 src 10.2.0.2\n");
  EXPECT_EQ(sourceOf(machine.decide(sent("30.0.0.1")), Family::IPv4), "10.2.0.2");
}

TEST_F(RoutingAddresses, MasqueradeTakesThePrimaryAddressOfTheNextHopsPrefix) {
  machine.address("em1", "10.3.0.1/16");
  Routing routing(machine.network);
  EXPECT_EQ(routing.sourceFor(Family::IPv4, "em1", addressOf("10.3.0.9")).address, addressOf("10.3.0.1"));
  EXPECT_EQ(routing.sourceFor(Family::IPv4, "em1", addressOf("20.0.0.1")).address, addressOf("10.1.0.1"));
  machine.interface("em1").addresses.front().scope = "link";
  EXPECT_EQ(Routing(machine.network).sourceFor(Family::IPv4, "em1", addressOf("20.0.0.1")).address,
            addressOf("10.3.0.1"));
}

TEST_F(RoutingAddresses, RedirectTakesTheFirstAddressOfTheInterface) {
  Routing routing(machine.network);
  EXPECT_EQ(routing.redirectTo(Family::IPv4, "em2", 0).address, addressOf("10.2.0.1"));
  EXPECT_EQ(routing.redirectTo(Family::IPv4, "", 0).address, addressOf("127.0.0.1"));
  EXPECT_FALSE(routing.redirectTo(Family::IPv4, "em3", 0).address);
  machine.network.knowsAddresses = {};
  EXPECT_EQ(Routing(machine.network).redirectTo(Family::IPv4, "em3", 0).unknown, "the addresses of em3 are not known");
}

TEST_F(RoutingAddresses, SenderMayHaveAnOwnSourceOnly) {
  EXPECT_EQ(inShort(machine.decide(sent("20.0.0.1", "10.2.0.2"))), "out em1 via 10.1.0.9");
  EXPECT_EQ(inShort(machine.decide(sent("20.0.0.1", "10.2.0.7"))), "martian: the source is no address of this machine");
  Flow rerouted = sent("20.0.0.1", "10.2.0.7");
  rerouted.anySource = true;
  EXPECT_EQ(inShort(machine.decide(rerouted)), "out em1 via 10.1.0.9");
}

TEST_F(RoutingAddresses, GroupThatALocalRouteCoversStaysAGroup) {
  EXPECT_EQ(inShort(machine.decide(sent("239.1.1.1"))), "multicast em1");
  machine.routes("local 224.0.0.0/3 dev em2 table main scope host\n");
  EXPECT_EQ(inShort(machine.decide(sent("239.1.1.1"))), "multicast lo");
  EXPECT_EQ(inShort(machine.decide(sent("255.255.255.255"))), "broadcast lo");
  EXPECT_EQ(inShort(machine.decide(sent("240.0.0.1"))), "local");
}

TEST_F(RoutingAddresses, TypesOfAddresses) {
  Routing routing(machine.network);
  auto type = [&](llvm::StringRef text) { return routing.addressType(Family::IPv4, addressOf(text)).type; };
  EXPECT_EQ(type("10.2.0.2"), packet::AddrType::Local);
  EXPECT_EQ(type("127.9.9.9"), packet::AddrType::Local);
  EXPECT_EQ(type("10.2.0.255"), packet::AddrType::Broadcast);
  EXPECT_EQ(type("0.0.0.0"), packet::AddrType::Broadcast);
  EXPECT_EQ(type("239.0.0.1"), packet::AddrType::Multicast);
  EXPECT_EQ(type("10.2.0.3"), packet::AddrType::Unicast);
  machine.network.knowsAddresses = {};
  TypeOf unknown = Routing(machine.network).addressType(Family::IPv4, addressOf("10.2.0.3"));
  EXPECT_FALSE(unknown.type);
  EXPECT_EQ(unknown.unknown, "not known whether 10.2.0.3 is an address of this machine");
}

TEST_F(RoutingAddresses, ConnectedRoutesFollowWhereNoRouteIsKnown) {
  machine.network.routes.clear();
  machine.network.knowsRoutes = {};
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.9"), "out em2");
  EXPECT_EQ(decide("em1", "10.1.0.7", "20.0.0.1"), "no route");
  machine.interface("em2").addresses.front().noPrefixRoute = true;
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.9"), "no route");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.2.0.1"), "local");
  machine.interface("em1").up = false;
  EXPECT_EQ(decide("em2", "10.2.0.7", "10.1.0.9"), "no route");
  EXPECT_EQ(decide("em2", "10.2.0.7", "10.1.0.1"), "local"); // of an interface that is down, too
}

TEST_F(RoutingAddresses, PrefixOfAPeerIsOnTheLink) {
  machine.network.routes.clear();
  machine.network.knowsRoutes = {};
  machine.address("em3", "10.7.0.1/24").peer = addressOf("10.8.0.9");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.8.0.77"), "out em3");
  EXPECT_EQ(decide("em1", "10.1.0.7", "10.7.0.77"), "no route");
}

} // namespace iptlint::eval
