// Names of services and protocols: the machine's files go before the built-in copy, and numbers before names.
#include "parse/SystemNames.h"
#include "parse/Values.h"
#include <gtest/gtest.h>

namespace iptlint::parse {

static SystemNames namesOf(llvm::StringRef services, llvm::StringRef protocols) {
  SystemNames names;
  names.services.add(services);
  names.protocols.add(protocols);
  return names;
}

TEST(ParseNames, TheMachinesFilesGoFirst) {
  SystemNames names = namesOf("# of this machine\nhttp 8080/tcp www web # and more\nhttp 9090/udp\n", "tcp 7 TCP\n");
  NamesOfTest scope(names);
  EXPECT_EQ(parsePort("http"), 8080);
  EXPECT_EQ(parsePort("web"), 8080);
  EXPECT_EQ(parseProtocol("tcp"), 7u);
  EXPECT_EQ(parseProtocol("TCP"), 7u);
}

TEST(ParseNames, TheCopyKnowsTheRest) {
  SystemNames names = namesOf("http 8080/tcp\n", "");
  NamesOfTest scope(names);
  EXPECT_EQ(parsePort("ssh"), 22);
  EXPECT_EQ(parseProtocol("udp"), 17u);
  EXPECT_EQ(parsePort("nosuch"), std::nullopt);
}

TEST(ParseNames, NumbersGoBeforeNames) {
  SystemNames names = namesOf("80 8080/tcp\n", "6 7\n");
  NamesOfTest scope(names);
  EXPECT_EQ(parsePort("80"), 80);
  EXPECT_EQ(parseProtocol("6"), 6u);
}

TEST(ParseNames, LinesThatSayNothingAreSkipped) {
  SystemNames names = namesOf("http\nhttp x/tcp\n\nhttp 99999/tcp\nhttp 81/tcp", "x 300\n");
  NamesOfTest scope(names);
  EXPECT_EQ(parsePort("http"), 81);
  EXPECT_EQ(parseProtocol("x"), std::nullopt);
}

} // namespace iptlint::parse
