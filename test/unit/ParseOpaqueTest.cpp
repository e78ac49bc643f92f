// Conditions that are not modelled: their texts, and what keeps state.
#include "ParseRules.h"

namespace iptlint::parse {

using packet::Family;

TEST(ParseOpaque, TheSameConditionHasTheSameText) {
  EXPECT_EQ(tests("-m string --algo bm --string \"GET /\""), "{-m string --algo bm --string \"GET /\"}");
  EXPECT_EQ(tests("-m string --alg bm --string \"GET \\/\""), "{-m string --algo bm --string \"GET /\"}");
  EXPECT_EQ(tests("-m ttl --ttl 3"), tests("-m ttl --ttl-eq 3"));
}

TEST(ParseOpaque, NegationIsTakenOffWhereItIsTheExactContrary) {
  EXPECT_EQ(tests("-m string ! --string x --algo bm"), "{not -m string --string x --algo bm}");
  EXPECT_EQ(tests("-m set ! --match-set a src,dst"), "{not -m set --match-set a src,dst}");
  EXPECT_EQ(tests("-m u32 ! --u32 0=1"), "{not -m u32 --u32 0=1}");
  EXPECT_EQ(tests("-m owner ! --uid-owner nobody"), "{not -m owner --uid-owner nobody}");
  EXPECT_EQ(tests("-p tcp -m tcp ! --tcp-option 4"), "proto=6 fragment=0-2 {not -m tcp --tcp-option 4}");
  // Without a flow, or without the header, both ways are false.
  EXPECT_EQ(tests("-p 108 -m ipcomp ! --ipcompspi 5"), "proto=6c {-m ipcomp ! --ipcompspi 5}");
}

TEST(ParseOpaque, WhatKeepsStateSaysSo) {
  EXPECT_EQ(tests("-m limit --limit 3/min"), "{~-m limit --limit 3/min}");
  EXPECT_EQ(tests("-m recent --update --seconds 60 --name x --rsource"),
            "{~-m recent --update --seconds 60 --name x --rsource}");
  EXPECT_EQ(tests("-m set --match-set a src --packets-gt 3"), "{~-m set --match-set a src --packets-gt 3}");
  EXPECT_EQ(tests("-m bpf --object-pinned /x"), "{~-m bpf --object-pinned /x}");
  EXPECT_EQ(tests("-m bpf --bytecode \"1,6 0 0 1\""), "{~-m bpf --bytecode \"1,6 0 0 1\"}");
  EXPECT_EQ(tests("-m connlabel --label a --set"), "{~-m connlabel --label a --set}");
  EXPECT_EQ(tests("-m connlabel --label a"), "{-m connlabel --label a}");
}

TEST(ParseOpaque, AMatchThatIptablesDoesNotKnowMayDoAnything) {
  EXPECT_EQ(tests("-m geoip ! --source-country A1,A2 --x -p tcp"),
            "proto=6 {~-m geoip ! --source-country A1,A2 --x}");
}

TEST(ParseOpaque, WhatIsBesideAModelledPartIsOneMoreUnknown) {
  EXPECT_EQ(tests("-m conntrack --ctstate NEW --ctorigsrc gate"),
            "ctstate=0-3 {-m conntrack --ctstate NEW --ctorigsrc gate}");
  EXPECT_EQ(tests("-m conntrack --ctexpire 1:5"), "ctstate=0-b {~-m conntrack --ctexpire 1:5}");
  EXPECT_EQ(tests("-p tcp --tcp-option 4"), "proto=6 fragment=0-2 {-m tcp --tcp-option 4}");
  EXPECT_EQ(tests("-m addrtype --dst-type LOCAL --limit-iface-in"), 
            "dst_type=2 {-m addrtype --dst-type LOCAL --limit-iface-in}");
  EXPECT_EQ(tests("-m policy --dir in --pol ipsec --proto esp"), "policy_in=1 {-m policy --dir in --pol ipsec --proto esp}");
  EXPECT_EQ(tests("-m hbh --hbh-len 8 --hbh-opts 5", Family::IPv6), "ext_headers&80=80 hbh_len=0 {-m hbh --hbh-opts 5}");
  EXPECT_EQ(tests("-p sctp -m sctp ! --chunk-types any DATA:BE"),
            "proto=84 fragment=0-2 {not -m sctp --chunk-types any DATA:BE}");
}

TEST(ParseOpaque, InIpv6NotAllTypesOfAddressesAreKnown) {
  EXPECT_EQ(tests("-m addrtype ! --dst-type LOCAL", Family::IPv6), "dst_type!=2");
  EXPECT_EQ(tests("-m addrtype ! --dst-type ANYCAST", Family::IPv6), "{not -m addrtype --dst-type ANYCAST}");
}

TEST(ParseOpaque, ECNFlagsOfALaterFragmentArePayload) {
  EXPECT_EQ(tests("-p tcp -m ecn --ecn-tcp-ece"), "proto=6 {-m ecn --ecn-tcp-ece}");
  EXPECT_EQ(tests("-p tcp -m tcp -m ecn ! --ecn-tcp-ece"), "proto=6 fragment=0-2 tcp_flags&40=0");
}

TEST(ParseOpaque, AHostNameIsSomeFixedSetOfAddresses) {
  EXPECT_EQ(tests("! -s www.example.com"), "{not -s www.example.com}");
  EXPECT_EQ(tests("-d 1.2.3.4,mail"), "{-d 1.2.3.4,mail}");
}

} // namespace iptlint::parse
