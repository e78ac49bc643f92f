// parseNetwork(): what several texts say of one machine adds up; values that texts write in several ways.
#include "ir/Network.h"
#include "parse/HostNames.h"
#include "parse/Parse.h"
#include "parse/RoutesValues.h"
#include <gtest/gtest.h>

namespace iptlint::test {
namespace {

using packet::Family;

parse::NetworkTexts::Sources textsOf(std::initializer_list<llvm::StringRef> texts) {
  parse::NetworkTexts::Sources sources;
  for (llvm::StringRef text : texts)
    sources.push_back(support::Source::fromText(text));
  return sources;
}

parse::ParsedNetwork readAddresses(std::initializer_list<llvm::StringRef> texts) {
  parse::NetworkTexts all;
  all.addresses = textsOf(texts);
  return parse::parseNetwork(all);
}

TEST(Network, NothingIsKnownOfNoText) {
  parse::ParsedNetwork parsed = parse::parseNetwork({});
  ASSERT_TRUE(parsed.network);
  EXPECT_FALSE(parsed.incomplete);
  EXPECT_FALSE(parsed.network->knowsRoutes.ipv4);
  EXPECT_TRUE(parsed.network->routes.empty());
}

TEST(Network, RoutesOfSeveralTextsAddUp) {
  parse::NetworkTexts texts;
  texts.routes = textsOf({"default via 10.0.0.1 dev em1\n", "local ::1 dev lo table local\nten dev em1\n"});
  parse::ParsedNetwork parsed = parse::parseNetwork(texts);
  const ir::Network &network = *parsed.network;
  ASSERT_EQ(network.routes.size(), 3u);
  EXPECT_EQ(network.routes[1].source, 1u);
  EXPECT_EQ(network.sources[1]->slice(network.routes[1].at), "local ::1 dev lo table local");
  EXPECT_TRUE(network.knowsRoutes.ipv4);
  EXPECT_FALSE(network.knowsAllTables.ipv4);
  EXPECT_TRUE(network.knowsAllTables.ipv6);
  EXPECT_TRUE(parsed.incomplete);
  ASSERT_EQ(parsed.files.size(), 2u);
  EXPECT_TRUE(parsed.files[0].findings.empty());
  EXPECT_EQ(parsed.files[1].findings.size(), 1u);
}

TEST(Network, PlacesAreThoseOfTheirText) {
  parse::NetworkTexts texts;
  texts.rules = textsOf({"0:\tfrom all lookup local\n32767:\tfrom all lookup default \n"});
  texts.addresses = textsOf({"2: em1: <UP> mtu 1500\n    inet 10.0.0.1/24 scope global em1\n"});
  texts.bridges = textsOf({"br0\t\t8000.f2b93fb5db24\tno\t\tem1\n"});
  texts.settings = textsOf({"a.b = 1\n"});
  parse::ParsedNetwork parsed = parse::parseNetwork(texts);
  const ir::Network &network = *parsed.network;
  auto textOf = [&](const ir::Place &place) { return network.sources.at(place.source)->slice(place.at); };
  EXPECT_EQ(textOf(network.rules.at(1).place), "32767:\tfrom all lookup default");
  EXPECT_EQ(network.rules[1].words.front(), "from");
  EXPECT_EQ(textOf(network.interfaces.at(0).place), "2: em1: <UP> mtu 1500");
  EXPECT_EQ(textOf(network.interfaces[0].addresses.at(0).place), "inet 10.0.0.1/24 scope global em1");
  EXPECT_EQ(network.interfaces[0].master, "br0");
  EXPECT_EQ(textOf(network.bridges.at(0).place), "br0\t\t8000.f2b93fb5db24\tno\t\tem1");
  EXPECT_EQ(textOf(network.settings.at(0).place), "a.b = 1");
  EXPECT_EQ(parsed.files.size(), 4u);
}

TEST(Network, WhatIsKnownOfAddressesIsKnownOfAFamily) {
  auto known = [](llvm::StringRef text) {
    ir::FamilySet families = readAddresses({text}).network->knowsAddresses;
    return families.ipv4 + 2 * families.ipv6;
  };
  EXPECT_EQ(known("2: em1: <UP> mtu 1500\n    inet 10.0.0.1/24 scope global em1\n"), 1) << "ip -4 addr";
  EXPECT_EQ(known("2: em1: <UP> mtu 1500\n    inet6 fe80::1/64 scope link\n"), 2) << "ip -6 addr";
  EXPECT_EQ(known("2: em1: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01\n    inet 10.0.0.1/24 scope global em1\n"), 3) << "ip addr";
  EXPECT_EQ(known("2: em1: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01\n"), 0) << "ip link";
  EXPECT_EQ(known("em1  UP  10.0.0.1/24\n"), 1);
  EXPECT_EQ(known("em1: flags=1<UP>  mtu 1500\n        inet 10.0.0.1  netmask 255.0.0.0\n"), 3) << "ifconfig";
  EXPECT_EQ(known(""), 0);
}

TEST(Network, AnAddressThatTwoTextsNameIsThereOnce) {
  auto parsed = readAddresses({"em1  UP  10.0.0.1/24 10.0.0.1/16\n", "2: em1: <UP> mtu 1500\n    inet 10.0.0.1/24 scope global em1\n"});
  ASSERT_EQ(parsed.network->interfaces.size(), 1u);
  EXPECT_EQ(parsed.network->interfaces[0].addresses.size(), 2u);
  EXPECT_EQ(parsed.network->interfaces[0].index, 2u);
  EXPECT_EQ(parsed.network->interfaces[0].mtu, 1500u);
}

TEST(Network, BytesThatAreNoText) {
  parse::NetworkTexts texts;
  texts.rules = texts.addresses = texts.bridges = texts.settings = textsOf({llvm::StringRef("a\0b\n", 4)});
  parse::ParsedNetwork parsed = parse::parseNetwork(texts);
  ASSERT_EQ(parsed.files.size(), 4u);
  for (const parse::ParsedNetwork::File &file : parsed.files) {
    ASSERT_EQ(file.findings.size(), 1u);
    EXPECT_EQ(file.findings[0].message, "a byte of zero: this is no text");
  }
  EXPECT_TRUE(parsed.incomplete);
}

TEST(Network, LinesThatAreTooLong) {
  std::string blank = "0:\t" + std::string(1 << 17, 'a');
  parse::NetworkTexts texts;
  texts.rules = textsOf({blank, "0:\tfrom all lookup local\n32767:\tfrom all lookup default\n"});
  parse::ParsedNetwork parsed = parse::parseNetwork(texts);
  EXPECT_EQ(parsed.files[0].findings.at(0).message, "a line of 131075 bytes is too long for what is read here");
  EXPECT_TRUE(parsed.network->rules.at(0).opaque);
  EXPECT_FALSE(parsed.network->rules.at(1).opaque);
}

TEST(Network, CarriageReturnsAreNamedOnce) {
  auto parsed = readAddresses({"em1  UP  10.0.0.1/24\r\nem2  UP  10.0.1.1/24\r\n"});
  ASSERT_EQ(parsed.files[0].findings.size(), 1u);
  EXPECT_EQ(parsed.files[0].findings[0].check, "line-endings");
  EXPECT_FALSE(parsed.incomplete);
  EXPECT_EQ(parsed.network->interfaces.size(), 2u);
}

TEST(NetworkValues, TablesThatHaveANameInEveryKernel) {
  EXPECT_EQ(parse::tableName("254"), "main");
  EXPECT_EQ(parse::tableName("253"), "default");
  EXPECT_EQ(parse::tableName("255"), "local");
  EXPECT_EQ(parse::tableName("0"), "unspec");
  EXPECT_EQ(parse::tableName("100"), "100");
  EXPECT_EQ(parse::tableName("DSL"), "DSL");
}

TEST(NetworkValues, TypesOfService) {
  EXPECT_EQ(parse::readDsField("0x10"), 0x10);
  EXPECT_EQ(parse::readDsField("16"), 16);
  EXPECT_EQ(parse::readDsField("CS6"), 0xc0);
  EXPECT_EQ(parse::readDsField("lowdelay"), 0x10);
  EXPECT_EQ(parse::readDsField("0x100"), std::nullopt);
  EXPECT_EQ(parse::readDsField("cs6"), std::nullopt);
  EXPECT_EQ(parse::readDsField(""), std::nullopt);
}

TEST(NetworkValues, NamesOfHosts) {
  parse::Hosts hosts;
  hosts.add("10.0.0.1 loopback\n10.0.0.2 _gateway\nfe80::1 _gateway\n10.0.0.3 two\n10.0.0.4 two\n");
  auto first = [&](llvm::StringRef name, Family family, const parse::Hosts *from) {
    auto found = parse::addressesOf(name, family, from);
    return found.size() == 1 ? packet::addressText(found.front(), family) : std::to_string(found.size());
  };
  EXPECT_EQ(first("loopback", Family::IPv4, nullptr), "127.0.0.0");
  EXPECT_EQ(first("loopback", Family::IPv4, &hosts), "10.0.0.1") << "what is given counts";
  EXPECT_EQ(first("default", Family::IPv4, &hosts), "0.0.0.0");
  EXPECT_EQ(first("link-local", Family::IPv4, nullptr), "169.254.0.0");
  EXPECT_EQ(first("ip6-allnodes", Family::IPv6, nullptr), "ff02::1");
  EXPECT_EQ(first("ip6-allnodes", Family::IPv4, nullptr), "0");
  EXPECT_EQ(first("_gateway", Family::IPv6, &hosts), "fe80::1");
  EXPECT_EQ(first("two", Family::IPv4, &hosts), "2");
}

} // namespace
} // namespace iptlint::test
