// What the modelled conditions mean.
#include "ParseRules.h"

namespace iptlint::parse {

using packet::Family;

TEST(ParseConditions, AddressesArePrefixesListsAndMasks) {
  EXPECT_EQ(tests("-s 10.1.2.3"), "src=a010203");
  EXPECT_EQ(tests("-s 10.1.2.3/8"), "src=a000000-affffff");
  EXPECT_EQ(tests("! -d 10.0.0.0/255.0.0.0"), "dst!=a000000-affffff");
  EXPECT_EQ(tests("-s 10/8"), "src=a000000-affffff");
  EXPECT_EQ(tests("-s 10.1"), "src=a010000");
  EXPECT_EQ(tests("-s 010.0.0.1"), "src=8000001");
  EXPECT_EQ(tests("-s 192.0.9.7/255.0.255.255"), "src&ff00ffff=c0000907");
  EXPECT_EQ(tests("-s 192.0.2.2,192.0.2.3,10.0.0.0/8 -d 1.1.1.1"), "src=a000000-affffff,c0000202-c0000203 dst=1010101");
  EXPECT_EQ(tests("-s 1.0.0.1/255.255.255.254,9.9.9.9"), "src=1000000-1000001,9090909");
  EXPECT_EQ(tests("-s 1.0.0.0/255.254.0.255,9.9.9.9").substr(0, 22), "src=1000000,1000100,10");
}

TEST(ParseConditions, WhatEveryPacketMeetsIsNoTestAndItsContraryIsOne) {
  EXPECT_EQ(tests("-s 0.0.0.0/0"), "");
  EXPECT_EQ(tests("-s 0/0"), "");
  EXPECT_EQ(tests("! -s 0.0.0.0/0"), "src!=0-ffffffff");
  EXPECT_EQ(tests("-i +"), "");
  EXPECT_EQ(tests("! -i +"), "in!=0-ffffffffffffffff:ffffffffffffffff");
  EXPECT_EQ(tests("-p all"), "");
  EXPECT_EQ(tests("-p 0"), "");
  EXPECT_EQ(tests("-p sctp ! --dport 0:65535"), "proto=84 fragment=0-2 dport!=0-ffff");
  EXPECT_EQ(tests("-p udp --dport :"), "proto=11 fragment=0-2");
  EXPECT_EQ(tests("-m mark --mark 0/0"), "");
  EXPECT_EQ(tests("-m mark ! --mark 0/0"), "mark&0!=0");
}

/// iptables-nft drops them.
TEST(ParseConditions, WhatNftMeetsAlwaysAndLegacyNeverIsKnownWhereOneOfThemIsNamed) {
  auto testsOn = [](const char *words, std::optional<ir::BackEnd> backEnd) {
    auto source = support::Source::fromText(fmt::format("*filter\n:INPUT ACCEPT\n-A INPUT {}\nCOMMIT\n", words));
    return testsOf(firstRule(parseRules(source, {.family = Family::IPv4, .backEnd = backEnd})));
  };
  const char *ports = "-p udp ! --dport 0:65535", *flags = "-p tcp ! --tcp-flags NONE NONE";
  EXPECT_EQ(testsOn(ports, std::nullopt), "proto=11 fragment=0-2 {not -m udp --destination-port 0:65535}");
  EXPECT_EQ(testsOn(ports, ir::BackEnd::Legacy), "proto=11 fragment=0-2 dport!=0-ffff");
  EXPECT_EQ(testsOn(ports, ir::BackEnd::Nft), "proto=11 fragment=0-2");
  EXPECT_EQ(testsOn(flags, std::nullopt), "proto=6 fragment=0-2 {not -m tcp --tcp-flags NONE NONE}");
  EXPECT_EQ(testsOn(flags, ir::BackEnd::Legacy), "proto=6 fragment=0-2 tcp_flags&0!=0");
  EXPECT_EQ(testsOn(flags, ir::BackEnd::Nft), "proto=6 fragment=0-2");
}

TEST(ParseConditions, AnInterfaceWithPlusIsAllThatBeginSo) {
  EXPECT_EQ(tests("-i em1"), "in=656d310000000000:0");
  EXPECT_EQ(tests("! -o e+"), "out!=6500000000000000:0-65ffffffffffffff:ffffffffffffffff");
}

TEST(ParseConditions, Ipv6GoesTheSameWay) {
  EXPECT_EQ(tests("-s 2001:db8::/32", Family::IPv6), "src=20010db800000000:0-20010db8ffffffff:ffffffffffffffff");
  EXPECT_EQ(tests("-d ::1/128", Family::IPv6), "dst=1");
  EXPECT_EQ(tests("-s ::/0", Family::IPv6), "");
  EXPECT_EQ(tests("-s fe80::1/ffff::ffff", Family::IPv6), "src&ffff000000000000:ffff=fe80000000000000:1");
  EXPECT_EQ(tests("-p ipv6-icmp --icmpv6-type 255", Family::IPv6), "proto=3a fragment=0-2 icmp=ff00-ffff");
  EXPECT_EQ(tests("-p icmpv6 -m icmp6 --icmpv6-type neighbor-sol", Family::IPv6), "proto=3a fragment=0-2 icmp=8700-87ff");
}

TEST(ParseConditions, TheKernelsOrderIsBaseFirstThenMatchesAsWritten) {
  EXPECT_EQ(tests("-m mark --mark 1 -f -p tcp -o b -i a -d 2.2.2.2 -s 1.1.1.1 -m mac --mac-source 00:00:00:00:00:01"),
            "src=1010101 dst=2020202 in=6100000000000000:0 out=6200000000000000:0 proto=6 fragment=3-4 "
            "mark&ffffffff=1 mac=1");
}

TEST(ParseConditions, PortsAreOfFirstFragmentsOnly) {
  EXPECT_EQ(tests("-p tcp -m tcp"), "proto=6 fragment=0-2");
  EXPECT_EQ(tests("-p tcp --dport 80"), "proto=6 fragment=0-2 dport=50");
  EXPECT_EQ(tests("-p 6 -m tcp ! --sport 1024: --dport ssh"), "proto=6 fragment=0-2 sport!=400-ffff dport=16");
  EXPECT_EQ(tests("-m udp -p UDP --destination-port=53"), "proto=11 fragment=0-2 dport=35");
  EXPECT_EQ(tests("-p tcp --dport 0120"), "proto=6 fragment=0-2 dport=50");
  EXPECT_EQ(tests("-p udp --dport 0120"), "proto=11 fragment=0-2 dport=78"); // read by getaddrinfo()
  EXPECT_EQ(tests("-p sctp --sport 7:9"), "proto=84 fragment=0-2 sport=7-9");
  EXPECT_EQ(tests("-p dccp -m dccp --dport http"), "proto=21 fragment=0-2 dport=50");
  EXPECT_EQ(tests("-p tcp -m tcp -m multiport --dports 1,3,2,10:12"), "proto=6 fragment=0-2 dport=1-3,a-c");
  EXPECT_EQ(tests("-p udplite -m multiport ! --ports 5,7"), "proto=88 fragment=0-2 sport|dport!=5,7");
  EXPECT_EQ(tests("-p tcp -m multiport --dport 80,443"), "proto=6 fragment=0-2 dport=50,1bb");
}

TEST(ParseConditions, TcpFlags) {
  EXPECT_EQ(tests("-p tcp --syn"), "proto=6 fragment=0-2 tcp_flags&17=2");
  EXPECT_EQ(tests("-p tcp ! --syn"), "proto=6 fragment=0-2 tcp_flags&17!=2");
  EXPECT_EQ(tests("-p tcp --tcp-flags SYN,rst ALL"), "proto=6 fragment=0-2 tcp_flags&6=3f");
  EXPECT_EQ(tests("-p tcp ! --tcp-flags ALL NONE"), "proto=6 fragment=0-2 tcp_flags&3f!=0");
}

TEST(ParseConditions, IcmpTypes) {
  EXPECT_EQ(tests("-p icmp -m icmp --icmp-type 8"), "proto=1 fragment=0-2 icmp=800-8ff");
  EXPECT_EQ(tests("-p icmp --icmp-type 3/4"), "proto=1 fragment=0-2 icmp=304");
  EXPECT_EQ(tests("-p icmp ! --icmp-type port-unreachable"), "proto=1 fragment=0-2 icmp!=303");
  EXPECT_EQ(tests("-p icmp --icmp-type any"), "proto=1 fragment=0-2");
  EXPECT_EQ(tests("-p icmp --icmp-type 255/3"), "proto=1 fragment=0-2");
  EXPECT_EQ(tests("-p icmp ! --icmp-type ANY"), "proto=1 fragment=0-2 icmp!=0-ffff");
}

TEST(ParseConditions, StatesWithTheirTranslations) {
  EXPECT_EQ(tests("-m state --state NEW"), "ctstate=0-3");
  EXPECT_EQ(tests("-m state --state RELATED,EST"), "ctstate=4-b");
  EXPECT_EQ(tests("-m conntrack ! --ctstate INVALID,UNTRACKED"), "ctstate!=c-d");
  EXPECT_EQ(tests("-m conntrack --ctstate SNAT"), "ctstate=1,3,5,7,9,b");
  EXPECT_EQ(tests("-m conntrack --ctstate DNAT,INVALID"), "ctstate=2-3,6-7,a-c");
}

TEST(ParseConditions, MarksRangesTypesAndMacs) {
  EXPECT_EQ(tests("-m mark ! --mark 0x10/0x3f"), "mark&3f!=10");
  EXPECT_EQ(tests("-m mark --mark 7"), "mark&ffffffff=7");
  EXPECT_EQ(tests("-m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 1.1.1.1"), "src=a000001-a000009 dst!=1010101");
  EXPECT_EQ(tests("-m iprange --src-range 10.0.0.9-10.0.0.1"), "src=");
  EXPECT_EQ(tests("-m iprange ! --src-range 10.0.0.9-10.0.0.1"), "src!=");
  EXPECT_EQ(tests("-m addrtype --src-type LOCAL,BROAD ! --dst-type MULTICAST"), "src_type=2-3 dst_type!=5");
  EXPECT_EQ(tests("-m mac --mac-source 1:2:3:4:5:6"), "mac=10203040506");
}

TEST(ParseConditions, APacketWithoutMacMeetsNoMacConditionAtAll) {
  EXPECT_EQ(tests("-m mac ! --mac-source 00:00:00:00:00:02"), "mac=0-1,3-ffffffffffff");
  EXPECT_EQ(tests("-m mac ! --mac-source ff:ff:ff:ff:ff:ff"), "mac=0-fffffffffffe");
}

TEST(ParseConditions, CommentsTestNothing) {
  ParsedRules rules = parsed("-A INPUT -m comment --comment \"say \\\"yes\\\"\" -j ACCEPT\n");
  EXPECT_EQ(testsOf(firstRule(rules)), "");
  EXPECT_EQ(firstRule(rules).comment, "say \"yes\"");
}

TEST(ParseConditions, OptionsMayBeAbbreviatedWhereNothingElseBeginsSo) {
  EXPECT_EQ(tests("\"-s\" \"1.1.1.1\""), "src=1010101");
  EXPECT_EQ(tests("--sou 1.1.1.1 --proto tcp --dpo 5"), "src=1010101 proto=6 fragment=0-2 dport=5");
  EXPECT_EQ(tests("-m mark --mark 1 -m connmark --mark 2"), "mark&ffffffff=1 ctstate=0-b connmark&ffffffff=2");
  EXPECT_EQ(refusal("-p tcp -m tcp --destinat 1.1.1.1"), "--destinat: '--destinat' abbreviates more than one option");
}

} // namespace iptlint::parse
