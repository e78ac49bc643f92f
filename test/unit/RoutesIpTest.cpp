// What is read out of `ip route show`, in both families, and that it is printed back as it was.
#include "RoutesNetwork.h"
#include <gtest/gtest.h>

namespace iptlint::test {
namespace {

using packet::Family;

TEST(RoutesIp, FieldsOfAnOrdinaryRoute) {
  auto parsed = readRoutes("10.0.2.0/24 dev enp0s3 proto kernel scope link src 10.0.2.15 metric 100 \n");
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_FALSE(parsed.incomplete);
  ASSERT_EQ(parsed.routes.routes.size(), 1u);
  const ir::Route &route = parsed.routes.routes[0];
  EXPECT_EQ(destinationOf(route), "10.0.2.0/24");
  EXPECT_EQ(hopsOf(route), "- enp0s3 1");
  EXPECT_EQ(route.protocol, "kernel");
  EXPECT_EQ(route.scope, "link");
  EXPECT_EQ(route.table, "");
  EXPECT_EQ(route.metric, 100u);
  ASSERT_TRUE(route.source);
  EXPECT_EQ(packet::addressText(*route.source, Family::IPv4), "10.0.2.15");
  EXPECT_FALSE(route.broken);
}

TEST(RoutesIp, NextHopsOnFurtherLinesAndOnOne) {
  const char *lines = "10.7.0.0/16 proto static \n"
                      "\tnexthop via 192.168.8.2 dev em1 weight 3 \n"
                      "\tnexthop via 10.0.0.9 dev em2 weight 1 onlink \n";
  const char *oneLine = "10.7.0.0/16 proto static \\\tnexthop via 192.168.8.2 dev em1 weight 3 "
                        "\\\tnexthop via 10.0.0.9 dev em2 weight 1 onlink \n";
  const char *continued = "10.7.0.0/16 proto static nexthop via 192.168.8.2 dev em1 weight 3 \\\n"
                          "  nexthop via 10.0.0.9 dev em2 onlink \\\n"
                          "  metric 5\n";
  for (const char *text : {lines, oneLine, continued}) {
    auto parsed = readRoutes(text);
    ASSERT_EQ(findingsOf(parsed), "") << text;
    ASSERT_EQ(parsed.routes.routes.size(), 1u) << text;
    EXPECT_EQ(hopsOf(parsed.routes.routes[0]), "192.168.8.2 em1 3, 10.0.0.9 em2 1") << text;
    EXPECT_EQ(parsed.routes.source->slice(parsed.routes.routes[0].at), llvm::StringRef(text).rtrim()) << text;
    EXPECT_EQ(emit::routesText(parsed.routes), text);
  }
}

TEST(RoutesIp, FlagsOfTheWholeRouteAreNoNextHop) {
  auto parsed = readRoutes("10.7.0.0/16 proto static linkdown \n"
                           "\tnexthop via 192.168.8.2 dev em1 weight 1 dead linkdown \n"
                           "\tnexthop dev em2 weight 1 \n"
                           "10.8.0.0/16 dev em1 linkdown \n");
  ASSERT_EQ(findingsOf(parsed), "");
  const ir::Route &several = parsed.routes.routes[0], &one = parsed.routes.routes[1];
  EXPECT_EQ(hopsOf(several), "192.168.8.2 em1 1, - em2 1");
  EXPECT_TRUE(several.hops[0].unusable);
  EXPECT_FALSE(several.hops[1].linkDown);
  EXPECT_EQ(hopsOf(one), "- em1 1");
  EXPECT_TRUE(one.hops[0].linkDown);
}

TEST(RoutesIp, TypesWithAndWithoutNextHops) {
  auto parsed = readRoutes("unreachable 10.8.0.0/16 \nblackhole 10.9.0.0/16 metric 5 \nprohibit 10.10.0.0/16 \n"
                           "throw 10.11.0.0/16 \nlocal 10.0.0.1 dev em2 table local scope host \n"
                           "broadcast 10.0.0.255 dev em2\nmulticast 224.0.0.0/4 dev em2\nunicast 10.0.0.0/8 dev em2\n"
                           "10.35.16.0/22 proto kernel scope link\n");
  ASSERT_EQ(findingsOf(parsed), "");
  std::string read;
  for (const ir::Route &route : parsed.routes.routes)
    read += fmt::format("{}:{};", unsigned(route.type), hopsOf(route));
  EXPECT_EQ(read, "4:;6:;5:;7:;1:- em2 1;2:- em2 1;3:- em2 1;0:- em2 1;0:- - 1;");
  EXPECT_EQ(parsed.routes.routes[4].table, "local");
}

TEST(RoutesIp, DevicesAndTablesCalledLikeKeywords) {
  auto parsed = readRoutes("default via 10.0.0.1 dev dead table local proto via scope lock\n");
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_EQ(hopsOf(parsed.routes.routes[0]), "10.0.0.1 dead 1");
  EXPECT_EQ(parsed.routes.routes[0].table, "local");
  EXPECT_EQ(parsed.routes.routes[0].protocol, "via");
}

TEST(RoutesIp, EncapsulationKeepsItsOwnSource) {
  auto parsed = readRoutes("10.14.0.0/16  encap ip id 5 src 1.1.1.1 dst 2.2.2.2 ttl 7 tos 4 via 10.0.0.9 dev em2 \n"
                           "2001:db8:5::/48  encap seg6 mode encap segs 2 [ fc00::1 fc00::2 ] dev em1 metric 1024 \n");
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_FALSE(parsed.routes.routes[0].source);
  EXPECT_EQ(hopsOf(parsed.routes.routes[0]), "10.0.0.9 em2 1");
  EXPECT_EQ(hopsOf(parsed.routes.routes[1]), "- em1 1");
  EXPECT_EQ(parsed.routes.routes[1].metric, 1024u);
}

TEST(RoutesIp, GatewayOfTheOtherFamily) {
  auto parsed = readRoutes("10.12.0.0/16 via inet6 fe80::1 dev em1 \n");
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_EQ(parsed.routes.routes[0].family, Family::IPv4);
  EXPECT_EQ(hopsOf(parsed.routes.routes[0]), "fe80::1 em1 1");
}

TEST(RoutesIp, AFamilyThatNoAddressShows) {
  auto alone = readRoutes("default dev tun0 scope link\n");
  EXPECT_EQ(findingsOf(alone), "1:1: info: no address says its family, taken for IPv4 [syntax]\n");
  EXPECT_FALSE(alone.incomplete);
  auto inIpv6 = readRoutes("default dev tun0 metric 1024\n2001:db8::/64 dev em1\n");
  EXPECT_EQ(findingsOf(inIpv6), "");
  EXPECT_EQ(inIpv6.routes.routes[0].family, Family::IPv6);
  auto preferred = readRoutes("10.0.0.0/8 dev em1\ndefault dev em1 pref medium\n");
  EXPECT_EQ(preferred.routes.routes[1].family, Family::IPv6);
  auto mixed = readRoutes("10.0.0.0/8 dev em1\n2001:db8::/64 dev em1\ndefault dev em1\n");
  EXPECT_EQ(findingsOf(mixed), "3:1: info: no address says its family, taken for IPv6 [syntax]\n");
}

TEST(RoutesIp, WhatDetailsRepeatIsNotASecondNextHop) {
  auto parsed = readRoutes("unicast 10.17.0.0/16 nhid 7 via 10.0.0.3 dev em2 proto boot scope global \n"
                           "\tnh_info id 7 via 10.0.0.3 dev em2 scope link proto unspec \n"
                           "10.7.1.1 via 192.168.8.2 dev em1 src 192.168.8.7 uid 0 \n    cache <local> users 2 \n");
  ASSERT_EQ(findingsOf(parsed), "");
  ASSERT_EQ(parsed.routes.routes.size(), 2u);
  EXPECT_EQ(hopsOf(parsed.routes.routes[0]), "10.0.0.3 em2 1");
  EXPECT_EQ(parsed.routes.routes[0].scope, "global");
}

TEST(RoutesIp, PrintsBackWhatItDidNotTakeApart) {
  const char *text = "# copied from a host\r\n\r\n  default via 10.0.0.1  dev em1\t\r\n"
                     "10.15.0.0/16 via 10.0.0.9 dev em2 realms 3/4 mtu lock 1300 features ecn rto_min lock 20ms \r\n"
                     "10.1.0.0/16 dev \xff\xfe what? ever\n10.2.0.0/16 dev em1";
  auto parsed = readRoutes(text);
  EXPECT_EQ(emit::routesText(parsed.routes), text);
  auto again = parse::parseRoutes(support::Source::fromText(emit::routesText(parsed.routes)));
  EXPECT_EQ(findingsOf(again), findingsOf(parsed));
}

TEST(RoutesIp, ARouteTakenOutLeavesTheRestInItsPlace) {
  auto parsed = readRoutes("default via 10.0.0.1 dev em1 \n# lab\n10.1.0.0/16 dev em2 \n10.2.0.0/16 dev em3 \n");
  parsed.routes.routes.erase(parsed.routes.routes.begin() + 1);
  EXPECT_EQ(emit::routesText(parsed.routes), "default via 10.0.0.1 dev em1 \n# lab\n10.2.0.0/16 dev em3 \n");
}

} // namespace
} // namespace iptlint::test
