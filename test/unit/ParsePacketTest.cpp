// A packet in iptables words, and as a URL.
#include "packet/Usual.h"
#include "parse/Hosts.h"
#include "parse/PacketWords.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>

namespace iptlint::parse {
namespace {

using packet::CtState;
using packet::Family;
using packet::Field;
using packet::Hook;
using packet::Packet;
using packet::Value;

ParsedPacket read(llvm::StringRef text, const PacketOptions &options = {}) {
  std::vector<std::string> words;
  llvm::SmallVector<llvm::StringRef, 32> parts;
  text.split(parts, ' ', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts)
    words.push_back(part.str());
  return parsePacket(words, options);
}

/// "12-17: message" of each finding: columns from 1.
std::string refused(llvm::StringRef text, const PacketOptions &options = {}) {
  std::string said;
  for (const support::Diagnostic &finding : read(text, options).findings)
    said += fmt::format("{}{}-{}: {}", said.empty() ? "" : "; ", finding.at.begin + 1, finding.at.end, finding.message);
  return said;
}

TEST(ParsePacket, TheWordsOfARule) {
  ParsedPacket parsed = read("-i em1 -p tcp -s 192.168.9.77 --sport 40000 -d 10.1.140.170 --dport 3000 --ctstate NEW");
  ASSERT_TRUE(parsed.findings.empty());
  const Packet &packet = parsed.packet;
  EXPECT_EQ(packet.hook(), Hook::Prerouting);
  EXPECT_EQ(packet::interfaceName(packet[Field::In]), "em1");
  EXPECT_EQ(packet[Field::Proto], 6);
  EXPECT_EQ(packet::addressText(packet[Field::Src], packet.family), "192.168.9.77");
  EXPECT_EQ(packet::addressText(packet[Field::Dst], packet.family), "10.1.140.170");
  EXPECT_EQ(packet[Field::Sport], 40000);
  EXPECT_EQ(packet[Field::Dport], 3000);
  EXPECT_TRUE(parsed.given[unsigned(Field::CtState)]);
  EXPECT_FALSE(parsed.given[unsigned(Field::Mark)]);
}

TEST(ParsePacket, WithoutAnInterfaceItIsLocal) {
  EXPECT_EQ(read("-p udp -d 10.0.0.1 --dport 53").packet.hook(), Hook::Output);
}

TEST(ParsePacket, WordsMayHaveOtherNames) {
  Packet other =
      read("--protocol 6 --src 10.0.0.1 --destination 10.0.0.2 --source-port ssh --destination-port 0x50 --syn").packet;
  EXPECT_EQ(other[Field::Proto], 6);
  EXPECT_EQ(other[Field::Src], 0x0a000001);
  EXPECT_EQ(other[Field::Dst], 0x0a000002);
  EXPECT_EQ(other[Field::Sport], 22);
  EXPECT_EQ(other[Field::Dport], 80);
  EXPECT_EQ(other[Field::TcpFlags], 2);
  EXPECT_EQ(read("-m state --state ESTABLISHED,DNAT").packet[Field::CtState], 4 + packet::kCtDnat);
  EXPECT_EQ(read("-m conntrack --ctstate INVALID").packet[Field::CtState], Value(CtState::Invalid));
  EXPECT_EQ(read("--dport=443 -p=tcp").packet[Field::Dport], 443);
  EXPECT_EQ(read("-m connmark --mark 3 -m mark --mark 4").packet[Field::ConnMark], 3);
  EXPECT_EQ(read("-m connmark --mark 3 -m mark --mark 4").packet[Field::Mark], 4);
  EXPECT_EQ(read("-p icmp --icmp-type echo-request").packet[Field::Icmp], 8 * 256);
  EXPECT_EQ(read("-p icmp --icmp-type 3/4").packet[Field::Icmp], 3 * 256 + 4);
  EXPECT_EQ(read("-p tcp --tcp-flags FIN,SYN,RST,ACK SYN,ACK").packet[Field::TcpFlags], 2 + 16);
  EXPECT_EQ(read("--dscp-class EF").packet[Field::Tos], 46 * 4);
  EXPECT_EQ(read("--ttl 1").packet[Field::Ttl], 1);
  EXPECT_EQ(read("--mac-destination 02:00:00:00:00:01").macDestination, Value(0x020000000001));
}

TEST(ParsePacket, TheFirstAddressSaysTheFamily) {
  EXPECT_EQ(read("-p tcp -d 2001:db8::1").packet.family, Family::IPv6);
  EXPECT_EQ(read("-6 -p tcp").packet.family, Family::IPv6);
  EXPECT_EQ(read("-p tcp -d 10.0.0.1").packet.family, Family::IPv4);
  EXPECT_EQ(read("-p ipv6-icmp --icmpv6-type echo-request -s fe80::1").packet[Field::Icmp], 128 * 256);
  EXPECT_EQ(refused("-s 10.0.0.1 -d 2001:db8::1"),
            "16-26: '2001:db8::1' is no IPv4 address, and the packet is one of IPv4");
}

TEST(ParsePacket, APacketHasOneValue) {
  EXPECT_EQ(refused("! -i em1"), "1-1: '!' says what a packet is not; a packet has one value");
  EXPECT_EQ(refused("-i ! em1"),
            "4-4: '!' says what a packet is not; a packet has one value; 6-8: 'em1' is no option, nor a URL");
  EXPECT_EQ(refused("-s 10.0.0.1,10.0.0.2"),
            "4-20: '10.0.0.1,10.0.0.2' is no address; a packet has one of them, not a list");
  EXPECT_EQ(refused("-s 10.0.0.0/8"), "4-13: '10.0.0.0/8' is no address; a packet has one address, not a block");
  EXPECT_EQ(refused("-i eth+"),
            "4-7: 'eth+' is no interface, of at most 15 characters; a packet comes by one interface");
  EXPECT_EQ(refused("--dport 80:90"),
            "9-13: '80:90' is no port, a number or the name of a service; a packet has one of them, not a range");
  EXPECT_EQ(refused("--mark 1/1"), "8-10: '1/1' is no mark; a packet has a value, not a mask");
  EXPECT_EQ(refused("--dport 80 --dport 81"), "20-21: the packet has another dport already");
  EXPECT_EQ(refused("--dport 80 --dport 80"), "");
}

TEST(ParsePacket, WhatIsWrongIsSaidAtItsPlace) {
  EXPECT_EQ(refused("-p tcp --dport"), "8-14: '--dport' needs a value");
  EXPECT_EQ(refused("-p tpc"), "4-6: 'tpc' is no protocol");
  EXPECT_EQ(refused("-p all"), "4-6: 'all' is no protocol");
  EXPECT_EQ(refused("-m nosuch"), "4-9: iptables knows no match 'nosuch'");
  EXPECT_EQ(refused("--limit 3/s"),
            "1-7: '--limit' says nothing that a packet has; 9-11: '3/s' is no option, nor a URL");
  EXPECT_EQ(refused("--ttl 256"), "7-9: '256' is no time to live, a number up to 255");
  EXPECT_EQ(refused("-i an-interface-name"), "4-20: 'an-interface-name' is no interface, of at most 15 characters");
  EXPECT_EQ(refused("--length 65536 -d 10.0.0.1"), "10-14: '65536' is no number");
}

TEST(ParsePacket, NamesAreThoseOfTheHosts) {
  Hosts hosts;
  hosts.add("10.0.0.7 web\n10.0.0.8 two\n10.0.0.9 two\n");
  PacketOptions options{std::nullopt, &hosts};
  EXPECT_EQ(packet::addressText(read("-d web", options).packet[Field::Dst], Family::IPv4), "10.0.0.7");
  EXPECT_EQ(refused("-d two", options), "4-6: 'two' has 2 addresses in the hosts; name one of them");
  EXPECT_EQ(refused("-d web"), "4-6: 'web' is not in the hosts that --hosts names, and nobody else is asked");
}

std::string unseen(const ParsedPacket &parsed) {
  std::string all;
  for (const UnseenPart &part : parsed.unseen)
    all += (all.empty() ? "" : "; ") + part.what.str() + " " + part.text;
  return all;
}

TEST(ParsePacket, AUrlIsProtocolHostAndPort) {
  ParsedPacket parsed = read("http://10.1.140.170:3000/index.html?x=1#top");
  ASSERT_TRUE(parsed.findings.empty());
  EXPECT_EQ(parsed.packet[Field::Proto], 6);
  EXPECT_EQ(parsed.packet[Field::Dport], 3000);
  EXPECT_EQ(packet::addressText(parsed.packet[Field::Dst], Family::IPv4), "10.1.140.170");
  EXPECT_EQ(unseen(parsed), "path /index.html; query x=1; fragment top");
  EXPECT_EQ(parsed.packet.hook(), Hook::Output);
  EXPECT_EQ(read("-i em1 http://10.0.0.1").packet.hook(), Hook::Prerouting);
}

TEST(ParsePacket, SchemesHavePortsOfTheirOwn) {
  auto port = [](llvm::StringRef url) {
    Packet packet = read(url).packet;
    return packet::protocolText(unsigned(packet[Field::Proto])) + " " + std::to_string(unsigned(packet[Field::Dport]));
  };
  EXPECT_EQ(port("http://10.0.0.1"), "tcp 80");
  EXPECT_EQ(port("HTTPS://10.0.0.1/"), "tcp 443");
  EXPECT_EQ(port("dns://10.0.0.1"), "udp 53");
  EXPECT_EQ(port("mongodb://10.0.0.1/db"), "tcp 27017");
  EXPECT_EQ(port("udp://10.0.0.1:514"), "udp 514");
  EXPECT_EQ(refused("tcp://10.0.0.1"), "1-14: 'tcp' has no port of its own; write host:port");
  EXPECT_EQ(refused("nosuch://10.0.0.1"), "1-6: the scheme 'nosuch' stands for no protocol and port");
  EXPECT_EQ(refused("http://10.0.0.1:x/"), "17-17: 'x' is no port");
  EXPECT_EQ(refused("http:///x"), "1-9: the URL names no host");
}

TEST(ParsePacket, AUrlMayHaveAnIPv6Address) {
  ParsedPacket parsed = read("https://alice:secret@[2001:db8::7]:8443/?q");
  ASSERT_TRUE(parsed.findings.empty());
  EXPECT_EQ(parsed.packet.family, Family::IPv6);
  EXPECT_EQ(packet::addressText(parsed.packet[Field::Dst], Family::IPv6), "2001:db8::7");
  EXPECT_EQ(parsed.packet[Field::Dport], 8443);
  EXPECT_EQ(unseen(parsed), "user alice; query q");
}

TEST(ParsePacket, AUrlMayNameAHost) {
  Hosts hosts;
  hosts.add("10.0.0.7 web.example\n");
  ParsedPacket parsed = read("http://web.example/", {std::nullopt, &hosts});
  EXPECT_TRUE(parsed.findings.empty());
  EXPECT_EQ(parsed.host, "web.example");
  EXPECT_EQ(unseen(parsed), "host name web.example");
}

/// A packet that could be, with some of the fields that few rules read.
Packet randomPacket(std::mt19937 &random) {
  auto below = [&](unsigned most) { return Value(random() % most); };
  Packet packet;
  packet.family = below(2) ? Family::IPv4 : Family::IPv6;
  bool four = packet.family == Family::IPv4;
  packet[Field::Hook] = Value(below(2) ? Hook::Prerouting : Hook::Output);
  if (packet.hook() == Hook::Prerouting)
    packet[Field::In] = packet::interfaceValue("em1");
  static constexpr unsigned protocols[] = {6, 17, 132, 33, 50, 89};
  packet[Field::Proto] = below(4) ? protocols[unsigned(below(6))] : four ? 1 : 58;
  packet[Field::Src] = four ? below(0xffffffff) : Value(random()) << 96 | random();
  packet[Field::Dst] = four ? below(0xffffffff) : Value(random()) << 64 | random();
  packet[Field::CtState] = below(14);
  for (unsigned i = unsigned(Field::Tos); i != packet::kFieldCount; ++i)
    packet[Field(i)] = packet::usualValue(Field(i), packet);
  for (unsigned count = 0; count != 4; ++count) {
    Field field = Field(unsigned(Field::Tos) + unsigned(below(packet::kFieldCount - unsigned(Field::Tos))));
    packet[field] = below(4) ? below(8) & packet::maxValue(field, packet.family) : packet::usualValue(field, packet);
  }
  packet[Field::PktType] = below(5);
  packet[Field::PhysIn] = below(2) ? packet::interfaceValue("veth1") : 0;
  packet[Field::PhysOut] = below(2) ? packet::interfaceValue("veth2") : 0;
  packet[Field::Uid] = below(2) ? packet::kNoFile : packet::kNoSocket;
  packet[Field::ExtHeaders] &= ~Value(16); // no header has this bit
  if (packet[Field::ExtHeaders] == 0)      // every packet of IPv6 has one
    packet[Field::ExtHeaders] = four ? 0 : packet::kExtProto;
  if (packet::hasPorts(unsigned(packet[Field::Proto])))
    packet[Field::Sport] = below(65536), packet[Field::Dport] = below(65536);
  packet[Field::Mark] = below(2) * below(0xffffffff);
  packet[Field::Fragment] = below(4) ? 0 : Value(packet::Fragment::Later);
  packet[Field::SrcType] = below(packet::kAddrTypeCount);
  return packet;
}

TEST(ParsePacket, WhatIsPrintedIsReadBack) {
  std::mt19937 random(1);
  for (unsigned i = 0; i != 5000; ++i) {
    Packet packet = randomPacket(random);
    std::string words = packet::inIptablesWords(packet);
    ParsedPacket parsed = read(words);
    ASSERT_TRUE(parsed.findings.empty()) << words << ": " << parsed.findings.front().message;
    Packet back = packet; // fields that are not printed keep their values
    back[Field::Hook] = parsed.packet[Field::Hook];
    for (unsigned field = 0; field != packet::kFieldCount; ++field)
      if (parsed.given[field])
        back[Field(field)] = parsed.packet[Field(field)];
    ASSERT_EQ(packet::inIptablesWords(back), words);
    ASSERT_TRUE(back == packet) << words;
  }
}

} // namespace
} // namespace iptlint::parse
