// Names of services and protocols: the machine's files go before the built-in copy, and numbers before names.
#include "parse/SystemNames.h"
#include "parse/Values.h"
#include <gtest/gtest.h>

namespace iptlint::parse {

static NameTable tableOf(llvm::StringRef text) {
  NameTable table;
  table.add(text);
  return table;
}

TEST(ParseNames, TheMachinesFilesGoFirst) {
  NameTable services = tableOf("# of this machine\nhttp 8080/tcp www web # and more\nhttp 9090/udp\n"), protocols = tableOf("tcp 7 TCP\n");
  EXPECT_EQ(parsePort("http", &services), 8080);
  EXPECT_EQ(parsePort("web", &services), 8080);
  EXPECT_EQ(parseProtocol("tcp", &protocols), 7u);
  EXPECT_EQ(parseProtocol("TCP", &protocols), 7u);
}

TEST(ParseNames, TheCopyKnowsTheRest) {
  NameTable services = tableOf("http 8080/tcp\n"), protocols = tableOf("");
  EXPECT_EQ(parsePort("ssh", &services), 22);
  EXPECT_EQ(parseProtocol("udp", &protocols), 17u);
  EXPECT_EQ(parsePort("nosuch", &services), std::nullopt);
}

TEST(ParseNames, NumbersGoBeforeNames) {
  NameTable services = tableOf("80 8080/tcp\n"), protocols = tableOf("6 7\n");
  EXPECT_EQ(parsePort("80", &services), 80);
  EXPECT_EQ(parseProtocol("6", &protocols), 6u);
}

TEST(ParseNames, LinesThatSayNothingAreSkipped) {
  NameTable services = tableOf("http\nhttp x/tcp\n\nhttp 99999/tcp\nhttp 81/tcp"), protocols = tableOf("x 300\n");
  EXPECT_EQ(parsePort("http", &services), 81);
  EXPECT_EQ(parseProtocol("x", &protocols), std::nullopt);
}

} // namespace iptlint::parse
