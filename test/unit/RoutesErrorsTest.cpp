// What route tables get wrong: each error at its column, the rest read all the same.
#include "RoutesNetwork.h"
#include <gtest/gtest.h>

namespace iptlint::test {
namespace {

struct Wrong {
  const char *line;
  const char *findings;
};

/// For the name of the test, which CMake takes no other characters in.
void PrintTo(const Wrong &wrong, std::ostream *out) {
  for (char each : llvm::StringRef(wrong.line))
    *out << (llvm::isAlnum(each) ? each : '_');
}

class RoutesWrongLine : public testing::TestWithParam<Wrong> {};

TEST_P(RoutesWrongLine, IsNamedAndTheNextIsRead) {
  const Wrong &wrong = GetParam();
  std::string text = fmt::format("{}\n172.16.0.0/12 dev em1\n", wrong.line);
  auto parsed = readRoutes(text);
  EXPECT_EQ(findingsOf(parsed), wrong.findings);
  EXPECT_TRUE(parsed.incomplete);
  ASSERT_EQ(parsed.routes.routes.size(), 2u);
  EXPECT_TRUE(parsed.routes.routes[0].broken);
  EXPECT_FALSE(parsed.routes.routes[1].broken);
  EXPECT_EQ(hopsOf(parsed.routes.routes[1]), "- em1 1");
  EXPECT_EQ(emit::routesText(parsed.routes), text);
}

INSTANTIATE_TEST_SUITE_P(
    IpRoute, RoutesWrongLine,
    testing::Values(
        Wrong{"10.0.0.0/8 dev", "1:12: error: nothing follows \"dev\" [syntax]\n"},
        Wrong{"10.0.0.0/8 via", "1:12: error: nothing follows \"via\" [syntax]\n"},
        Wrong{"10.0.0.0/8 via inet6", "1:16: error: \"inet6\" is no IPv4 address [syntax]\n"},
        Wrong{"unreachable", "1:1: error: \"unreachable\" is no address [syntax]\n"},
        Wrong{"10.0.0.0/8 dev em1 <-- gone", "1:20: error: unexpected \"<--\" [syntax]\n"},
        Wrong{"10.0.0.0/8 dev em1 strange", "1:20: error: nothing follows \"strange\" [syntax]\n"},
        Wrong{"10.0.0.0/8 dev em1 \x01", "1:20: error: unexpected byte 0x01 [syntax]\n"},
        Wrong{"10.1.2.3/8 dev em1", "1:1: error: 10.1.2.3/8 has bits set behind its prefix [syntax]\n"},
        Wrong{"10.0.0.0/33 dev em1", "1:1: error: \"33\" is no prefix length of IPv4 [syntax]\n"},
        Wrong{"10.0.0.0/ dev em1", "1:1: error: \"\" is no prefix length of IPv4 [syntax]\n"},
        Wrong{"2001:db8::/129 dev em1", "1:1: error: \"129\" is no prefix length of IPv6 [syntax]\n"},
        Wrong{"10.0.0.256 dev em1", "1:1: error: \"10.0.0.256\" is no address [syntax]\n"},
        Wrong{"example.net dev em1", "1:1: error: \"example.net\" is no address [syntax]\n"},
        Wrong{"10.0.0.0/8 via fe80::1 dev em1", "1:16: error: \"fe80::1\" is no IPv4 address [syntax]\n"},
        Wrong{"10.0.0.0/8 via inet6 10.0.0.1 dev em1", "1:22: error: \"10.0.0.1\" is no inet6 address [syntax]\n"},
        Wrong{"10.0.0.0/8 via 10.0.0.1 via 10.0.0.2", "1:25: error: a second gateway for one next hop [syntax]\n"},
        Wrong{"10.0.0.0/8 dev em1 dev em2", "1:24: error: a second device for one next hop [syntax]\n"},
        Wrong{"10.0.0.0/8 dev sixteen-letters-",
              "1:16: error: no device can be called \"sixteen-letters-\" [syntax]\n"},
        Wrong{"10.0.0.0/8 dev em1 metric 4294967296",
              "1:27: error: \"4294967296\" is no number from 0 to 4294967295 [syntax]\n"},
        Wrong{"10.0.0.0/8 nexthop dev em1 weight 0", "1:35: error: \"0\" is no number from 1 to 65536 [syntax]\n"},
        Wrong{"10.0.0.0/8 dev em1 mtu lock big", "1:29: error: \"big\" is no number from 0 to 4294967295 [syntax]\n"},
        Wrong{"\tnexthop via 10.0.0.1 dev em1", "1:2: error: \"nexthop\" is no address [syntax]\n"}));

TEST(RoutesErrors, SeveralInOneLineAndInOneText) {
  auto parsed = readRoutes("10.1.2.3/8 via nowhere dev a/b\n10.0.0.0/8 dev em1\n10.0.0.0/8 metric x\n");
  EXPECT_EQ(findingsOf(parsed), "1:1: error: 10.1.2.3/8 has bits set behind its prefix [syntax]\n"
                                "1:16: error: \"nowhere\" is no IPv4 address [syntax]\n"
                                "1:28: error: no device can be called \"a/b\" [syntax]\n"
                                "3:19: error: \"x\" is no number from 0 to 4294967295 [syntax]\n");
}

TEST(RoutesErrors, WhatComesBeforeAnErrorIsRead) {
  auto parsed = readRoutes("10.0.0.0/8 via 10.0.0.1 dev em1 !\n");
  EXPECT_EQ(hopsOf(parsed.routes.routes[0]), "10.0.0.1 em1 1");
}

TEST(RoutesErrors, AnUnknownKeywordWithAValueIsKeptAndNamed) {
  auto parsed = readRoutes("10.0.0.0/8 dev em1 colour green\n");
  EXPECT_EQ(findingsOf(parsed), "1:20: info: \"colour\" is not known and was kept as it is [syntax]\n");
  EXPECT_FALSE(parsed.incomplete);
  EXPECT_EQ(parsed.routes.routes[0].words.back(), "green");
}

const char *const kHeading = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n";

TEST(RoutesErrors, CellsOfATable) {
  const Wrong cells[] = {
      {"10.0.0.0 0.0.0.0 255.0.255.0 U 0 0 0 em1",
       "2:18: error: the ones of netmask 255.0.255.0 are not contiguous [syntax]\n"},
      {"10.1.2.3 0.0.0.0 255.0.0.0 U 0 0 0 em1", "2:1: error: 10.1.2.3 has bits set behind its netmask [syntax]\n"},
      {"10.0.0.0 _gateway 255.0.0.0 UG 0 0 0 em1",
       "2:10: error: \"_gateway\" is no address, and no --hosts file says what it stands for [syntax]\n"},
      {"10.0.0.0 0.0.0.0 255.0.0.0 U 0 0 em1", "2:34: error: 7 columns in place of 8 [syntax]\n"},
      {"10.0.0.0 0.0.0.0 255.0.0.0 U 0 0 0 em1 em2", "2:40: error: 9 columns in place of 8 [syntax]\n"},
      {"10.0.0.0 0.0.0.0 255.0.0.0 U 0 -2 0 em1", "2:32: error: \"-2\" is no number from -1 to 4294967295 [syntax]\n"},
      {"10.0.0.0 0.0.0.0 ::1 U 0 0 0 em1", "2:18: error: \"::1\" is no netmask [syntax]\n"},
  };
  for (const Wrong &cell : cells) {
    auto parsed = readRoutes(fmt::format("{}{}\n", kHeading, cell.line));
    EXPECT_EQ(findingsOf(parsed), cell.findings);
    EXPECT_TRUE(parsed.incomplete);
    EXPECT_TRUE(parsed.routes.routes[0].broken);
  }
}

TEST(RoutesErrors, AHeadingOfAnotherKindOfTable) {
  auto parsed = readRoutes("Kernel IP routing cache\n"
                           "Destination Colour Genmask\n"
                           "10.0.0.1 10.0.0.2 10.0.0.2 x\n");
  EXPECT_EQ(findingsOf(parsed), "2:13: error: \"Colour\" is no column of a routing table [syntax]\n");
  EXPECT_TRUE(parsed.routes.routes[0].broken);
}

TEST(RoutesErrors, BytesThatAreNoText) {
  auto binary = readRoutes(llvm::StringRef("10.0.0.0/8 dev em1\n\0\1", 21));
  EXPECT_EQ(findingsOf(binary), "2:1: error: a byte of zero: this is no text [syntax]\n");
  EXPECT_TRUE(binary.incomplete);
  auto longLine = readRoutes(std::string(1 << 17, 'a') + "\n10.0.0.0/8 dev em1\n");
  EXPECT_EQ(findingsOf(longLine), "1:1: error: a line of 131072 bytes is no route [syntax]\n");
  EXPECT_EQ(longLine.routes.routes.size(), 2u);
  EXPECT_EQ(readRoutes("").findings.size(), 0u);
}

TEST(RoutesErrors, CarriageReturnsAreNamedOnce) {
  auto parsed = readRoutes("10.0.0.0/8 dev em1\r\n10.1.0.0/16 dev em2\r\n");
  EXPECT_EQ(findingsOf(parsed), "1:19: warning: lines end in a carriage return [line-endings]\n");
  EXPECT_FALSE(parsed.incomplete);
  EXPECT_EQ(hopsOf(parsed.routes.routes[1]), "- em2 1");
}

} // namespace
} // namespace iptlint::test
