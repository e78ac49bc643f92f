// Which ways packets to some addresses may take, and when all of them are known.
#include "analysis/Routable.h"
#include "RoutingMachine.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::analysis {
namespace {

using eval::addressOf;
using eval::familyOf;
using eval::Machine;
using packet::Family;

/// "local, eth0, eth1, refused by 1": the devices in order, without those of addresses named twice.
std::string waysTo(const ir::Network &network, llvm::StringRef first, llvm::StringRef last = "") {
  Routable routable(network, familyOf(first));
  EXPECT_TRUE(routable.known());
  Ways ways = routable.waysTo({addressOf(first), addressOf(last.empty() ? first : last)});
  std::vector<std::string> parts;
  if (ways.local)
    parts.push_back("local");
  for (const Way &way : ways.out)
    parts.push_back(way.device.empty() ? "any" : way.device.str());
  if (!ways.refusals.empty())
    parts.push_back(fmt::format("refused by {}", ways.refusals.size()));
  EXPECT_EQ(ways.none(), !ways.local && ways.out.empty());
  return llvm::join(parts, ", ");
}

constexpr llvm::StringLiteral kLocal = "local 192.0.2.9 dev eth0 table local proto kernel scope host src 192.0.2.9\n";

TEST(Routable, LongerPrefixesTakeAllOfWhatTheyHold) {
  Machine machine;
  machine.routes((kLocal + "10.0.0.0/8 dev eth0 scope link\n"
                           "10.1.0.0/16 dev eth1 scope link\n"
                           "10.1.2.0/24 dev eth2 scope link\n")
                     .str());
  EXPECT_EQ(waysTo(machine.network, "10.1.2.3"), "eth2");
  EXPECT_EQ(waysTo(machine.network, "10.1.2.0", "10.1.3.255"), "eth2, eth1");
  EXPECT_EQ(waysTo(machine.network, "10.1.0.0", "10.2.255.255"), "eth2, eth1, eth0");
  EXPECT_EQ(waysTo(machine.network, "9.0.0.0", "11.255.255.255"), "eth2, eth1, eth0");
  EXPECT_EQ(waysTo(machine.network, "11.0.0.0"), "");
}

TEST(Routable, WhatMayBePassedOverHidesNothing) {
  Machine machine;
  machine.routes((kLocal + "10.0.0.0/8 dev eth0 scope link\n"
                           "10.1.0.0/16 dev eth1 scope link linkdown\n"
                           "10.2.0.0/16 dev eth1 scope link tos 0x10\n"
                           "10.3.0.0/16 dev eth1 scope link table 100\n"
                           "throw 10.4.0.0/16\n")
                     .str());
  EXPECT_EQ(waysTo(machine.network, "10.1.0.1"), "eth1, eth0");
  EXPECT_EQ(waysTo(machine.network, "10.2.0.1"), "eth1, eth0");
  EXPECT_EQ(waysTo(machine.network, "10.3.0.1"), "eth1, eth0");
  EXPECT_EQ(waysTo(machine.network, "10.4.0.1"), "eth0");
}

TEST(Routable, RefusalsHideWhatIsShorter) {
  Machine machine;
  machine.routes((kLocal + "default dev eth0\nunreachable 10.0.0.0/8\n10.1.0.0/16 dev eth1 scope link\n").str());
  EXPECT_EQ(waysTo(machine.network, "10.2.0.1"), "refused by 1");
  EXPECT_EQ(waysTo(machine.network, "10.1.0.1"), "eth1");
  EXPECT_EQ(waysTo(machine.network, "10.0.0.0", "10.255.255.255"), "eth1, refused by 1");
  EXPECT_EQ(waysTo(machine.network, "9.255.255.255", "10.0.0.0"), "eth0, refused by 1");
}

TEST(Routable, EveryNextHopMayBeTaken) {
  Machine machine;
  machine.routes((kLocal +
                  "10.0.0.0/8 nexthop via 192.0.2.1 dev eth0 weight 1 nexthop via 192.0.2.2 dev eth1 weight 1\n"
                  "10.1.0.0/16 via 192.0.2.1\n")
                     .str());
  EXPECT_EQ(waysTo(machine.network, "10.2.0.1"), "eth0, eth1");
  EXPECT_EQ(waysTo(machine.network, "10.1.0.1"), "any");
}

TEST(Routable, OwnAddressesLoopbackAndGroupsAreLocal) {
  Machine machine;
  machine.routes(kLocal);
  for (llvm::StringRef address : {"192.0.2.9", "127.0.0.2", "224.0.0.1", "255.255.255.255", "0.0.0.0"})
    EXPECT_EQ(waysTo(machine.network, address), "local") << address.str();
  EXPECT_EQ(waysTo(machine.network, "192.0.2.10"), "");
  machine.address("eth3", "198.51.100.1/24");
  EXPECT_EQ(waysTo(machine.network, "198.51.100.1"), "local, eth3");
  EXPECT_EQ(waysTo(machine.network, "198.51.100.7"), "eth3") << "its prefix, though no route says so";
}

bool mayBeAt(const ir::Network &network, llvm::StringRef source, llvm::StringRef device) {
  return Routable(network, Family::IPv4).waysTo({addressOf(source), addressOf(source)}).mayBeAt(device);
}

TEST(Routable, SourcesMayComeByTheWayBackAndOwnOnesByTheirInterface) {
  Machine machine;
  machine.routes((kLocal +
                  "192.0.2.0/24 dev eth1 scope link\n"
                  "10.0.0.0/8 nexthop via 192.0.2.1 dev eth1 weight 1 nexthop via 192.0.3.1 dev eth2 weight 1\n"
                  "10.1.0.0/16 via 192.0.2.1\n"
                  "blackhole 10.2.0.0/16\n")
                     .str());
  EXPECT_TRUE(mayBeAt(machine.network, "10.3.0.1", "eth2"));
  EXPECT_FALSE(mayBeAt(machine.network, "10.3.0.1", "eth0"));
  EXPECT_TRUE(mayBeAt(machine.network, "10.1.0.1", "eth0")) << "the route's interface is not shown";
  EXPECT_FALSE(mayBeAt(machine.network, "10.2.0.1", "eth1"));
  EXPECT_TRUE(mayBeAt(machine.network, "192.0.2.9", "eth0")) << "accept_local";
  EXPECT_FALSE(mayBeAt(machine.network, "192.0.2.9", "eth2"));
  machine.address("eth3", "198.51.100.1/32");
  EXPECT_TRUE(mayBeAt(machine.network, "198.51.100.1", "eth3"));
}

TEST(Routable, RangesArePutTogether) {
  Machine machine;
  machine.routes(
      (kLocal + "10.1.0.0/16 dev eth1 scope link\n10.2.0.0/16 dev eth2 scope link\nblackhole 10.3.0.0/16\n").str());
  Routable routable(machine.network, Family::IPv4);
  auto at = [](llvm::StringRef address) { return ir::Interval{addressOf(address), addressOf(address)}; };
  Ways ways = routable.waysTo({at("10.1.0.1"), at("10.2.0.1"), at("10.3.0.1"), at("192.0.2.9")});
  EXPECT_TRUE(ways.local);
  EXPECT_EQ(ways.out.size(), 2u);
  EXPECT_EQ(ways.refusals.size(), 1u);
}

TEST(Routable, IPv6) {
  Machine machine;
  machine.routes("local 2001:db8::9 dev eth0 table local proto kernel metric 0 pref medium\n"
                 "unreachable 2001:db8:1::/48 dev lo metric 1024 pref medium\n"
                 "default via fe80::1 dev eth0 metric 1024 pref medium\n"
                 "2001:db8:2::/48 dev eth1 metric 1024 pref medium\n");
  EXPECT_EQ(waysTo(machine.network, "2001:db8:1::1"), "refused by 1");
  EXPECT_EQ(waysTo(machine.network, "2001:db8:2::1"), "eth1");
  EXPECT_EQ(waysTo(machine.network, "ff02::1"), "local, eth0");
  EXPECT_EQ(waysTo(machine.network, "::1"), "local, eth0");
}

Machine mainAndAddresses() {
  Machine machine;
  machine.routes("192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.9\n");
  machine.address("lo", "127.0.0.1/8");
  machine.address("eth0", "192.0.2.9/24");
  unsigned index = 0;
  for (ir::Interface &interface : machine.network.interfaces)
    interface.index = ++index;
  machine.rule(0, "local");
  machine.rule(32766, "main");
  return machine;
}

bool isKnown(const Machine &machine) {
  return Routable(machine.network, Family::IPv4).known();
}

TEST(Routable, IsKnownWhereEveryTextIsThere) {
  EXPECT_TRUE(isKnown(mainAndAddresses()));
  Machine machine = mainAndAddresses();
  machine.network.knowsRules.ipv4 = false;
  EXPECT_FALSE(isKnown(machine)) << "rules may look up other tables";
  machine = mainAndAddresses();
  machine.network.knowsRoutes.ipv4 = false;
  EXPECT_FALSE(isKnown(machine));
  machine = mainAndAddresses();
  machine.network.interfaces.back().index = 0;
  EXPECT_FALSE(isKnown(machine)) << "ifconfig leaves addresses out";
  machine = mainAndAddresses();
  machine.network.interfaces.erase(machine.network.interfaces.begin());
  EXPECT_FALSE(isKnown(machine)) << "without lo others may be missing";
  machine = mainAndAddresses();
  machine.routes("10.0.0.0/8 dev eth7 scope link\n");
  EXPECT_FALSE(isKnown(machine)) << "eth7 and its addresses are not shown";
}

TEST(Routable, IsNotKnownWhereRulesAreNotUnderstood) {
  Machine machine = mainAndAddresses();
  machine.rule(100, "100");
  EXPECT_FALSE(isKnown(machine)) << "no text shows table 100";
  machine.routes("10.0.0.0/8 dev eth0 table 100\n");
  EXPECT_TRUE(isKnown(machine));
  machine.rule(200, "main").opaque = true;
  EXPECT_FALSE(isKnown(machine));
  machine = mainAndAddresses();
  machine.rule(200, "").l3mdev = true;
  EXPECT_FALSE(isKnown(machine));
  machine = mainAndAddresses();
  machine.network.routes.front().broken = true;
  EXPECT_FALSE(isKnown(machine));
}

} // namespace
} // namespace iptlint::analysis
