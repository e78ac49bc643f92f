// What is read out of `route -n` and `netstat -rn`.
#include "RoutesNetwork.h"
#include <gtest/gtest.h>

namespace iptlint::test {
namespace {

using packet::Family;

// As net-tools 2.10 prints a table with routes of every kind.
const char *const kRouteN = "Kernel IP routing table\n"
                            "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
                            "0.0.0.0         192.168.8.1     0.0.0.0         UG    100    2       17 em1\n"
                            "10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 em2\n"
                            "10.8.0.0        -               255.255.0.0     !     0      -        0 -\n"
                            "10.9.0.0        0.0.0.0         255.255.0.0     U     5      0        0 *\n"
                            "10.12.0.0       0.0.0.0         255.255.0.0     UG    0      0        0 em1\n"
                            "10.13.0.1       10.0.0.9        255.255.255.255 UGH   0      0        0 em2\n";

std::string summaryOf(const ir::Routes &routes) {
  std::string text;
  for (const ir::Route &route : routes.routes)
    text += fmt::format("{} {} [{}] {}\n", unsigned(route.type), destinationOf(route), hopsOf(route), route.metric);
  return text;
}

TEST(RoutesColumns, EveryKindOfRoute) {
  auto parsed = readRoutes(kRouteN);
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_EQ(parsed.routes.form, ir::RouteForm::RouteN);
  EXPECT_EQ(summaryOf(parsed.routes), "0 0.0.0.0/0 [192.168.8.1 em1 1] 100\n"
                                       "0 10.0.0.0/24 [- em2 1] 0\n"
                                       "4 10.8.0.0/16 [] 0\n"
                                       "0 10.9.0.0/16 [] 5\n"
                                       "0 10.12.0.0/16 [- em1 1] 0\n"
                                       "0 10.13.0.1/32 [10.0.0.9 em2 1] 0\n");
  EXPECT_EQ(parsed.routes.routes[0].flags, "UG");
  EXPECT_EQ(parsed.routes.routes[0].references, 2u);
  EXPECT_EQ(parsed.routes.routes[0].use, 17u);
  EXPECT_EQ(parsed.routes.routes[4].hops[0].gatewayFamily, Family::IPv6) << "a gateway that does not show";
  EXPECT_EQ(parsed.routes.routes[1].hops[0].gatewayFamily, std::nullopt);
  EXPECT_EQ(emit::routesText(parsed.routes), kRouteN);
}

TEST(RoutesColumns, OtherHeadings) {
  const char *netstat = "Kernel IP routing table\n"
                        "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
                        "0.0.0.0         192.168.8.1     0.0.0.0         UG     1400 0          0 em1\n"
                        "10.8.0.0        -               255.255.0.0     !         - -          - -\n";
  auto parsed = readRoutes(netstat);
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_EQ(summaryOf(parsed.routes), "0 0.0.0.0/0 [192.168.8.1 em1 1] 0\n4 10.8.0.0/16 [] 0\n");
  EXPECT_EQ(emit::routesText(parsed.routes), netstat);

  const char *extended =
      "Kernel IP routing table\n"
      "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n"
      "0.0.0.0         192.168.71.2    0.0.0.0         UG    100    0        0 ens33    0     0      0\n";
  parsed = readRoutes(extended);
  ASSERT_EQ(findingsOf(parsed), "");
  EXPECT_EQ(summaryOf(parsed.routes), "0 0.0.0.0/0 [192.168.71.2 ens33 1] 100\n");
}

TEST(RoutesColumns, BothFamiliesInOneText) {
  const char *text = "Kernel IP routing table\n"
                     "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
                     "127.0.0.0       0.0.0.0         255.0.0.0       U     0      0        0 lo\n"
                     "\n"
                     "Kernel IPv6 routing table\n"
                     "Destination                    Next Hop                   Flag Met Ref  Use If\n"
                     "2001:db8:9::/48                fe80::2                    UG   1024 1      0 em1\n"
                     "0.0.0.0/96                     ::                         !n   1024 0      0 lo\n"
                     "[::]/0                         [::]                       !n   -1   1      0 lo\n";
  auto parsed = readRoutes(text);
  ASSERT_EQ(findingsOf(parsed), "");
  ASSERT_EQ(parsed.routes.routes.size(), 4u);
  EXPECT_EQ(parsed.routes.routes[0].family, Family::IPv4);
  EXPECT_EQ(parsed.routes.routes[1].family, Family::IPv6);
  EXPECT_EQ(hopsOf(parsed.routes.routes[1]), "fe80::2 em1 1");
  EXPECT_EQ(parsed.routes.routes[2].destination, (ir::Prefix{packet::Value(0xffff) << 32, 96}));
  EXPECT_EQ(parsed.routes.routes[3].destination.length, 0u);
  EXPECT_EQ(parsed.routes.routes[3].metric, ~0u);
  EXPECT_EQ(emit::routesText(parsed.routes), text);
}

TEST(RoutesColumns, WithoutAHeading) {
  auto parsed = readRoutes("10.0.0.0  10.1.1.1  255.0.0.0  UG  7  0  0 em1\n");
  EXPECT_EQ(findingsOf(parsed), "");
  EXPECT_EQ(summaryOf(parsed.routes), "0 10.0.0.0/8 [10.1.1.1 em1 1] 7\n");
  auto eightWords = readRoutes("10.11.64.11 via 10.11.64.11 dev br1 metric 2 onlink\n");
  EXPECT_EQ(eightWords.routes.form, ir::RouteForm::IpRoute);
  auto ipv6 = readRoutes("fe80::/64  ::  U  256 1  0 em1\n");
  EXPECT_EQ(findingsOf(ipv6), "");
  EXPECT_EQ(ipv6.routes.routes[0].family, Family::IPv6);
}

} // namespace
} // namespace iptlint::test
