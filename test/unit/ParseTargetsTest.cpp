// What targets do.
#include "ParseRules.h"

namespace iptlint::parse {

using ir::TargetKind;
using packet::Field;

static ir::Target target(llvm::StringRef words, packet::Family family = packet::Family::IPv4) {
  static std::vector<ParsedRules> kept; // a Target's texts are slices of what it was read from
  kept.push_back(parsed((":C - [0:0]\n-A INPUT " + words + "\n").str(), family));
  EXPECT_THAT(said(kept.back()), testing::IsEmpty()) << words.str();
  return firstRule(kept.back()).target;
}

/// "mark&keep^flip", "mark&keep^flip+from&copy", or "mark:keep" where the rest becomes anything.
static std::string writes(llvm::StringRef words, packet::Family family = packet::Family::IPv4) {
  std::string all;
  for (const ir::Write &write : target(words, family).writes) {
    all += (all.empty() ? "" : " ") + packet::name(write.field).str();
    all += write.known ? "&" + hex(write.keep) + "^" + hex(write.flip) : ":" + hex(write.keep);
    if (write.copy)
      all += "+" + packet::name(write.from).str() + "&" + hex(write.copy);
  }
  return all;
}

/// What a packet must be for the writes to be done; empty for every packet.
static std::string writesIf(llvm::StringRef words) {
  ir::Target made = target(words);
  return made.writesIf ? text(*made.writesIf) : "";
}

TEST(ParseTargets, Kinds) {
  EXPECT_EQ(target("").kind, TargetKind::None);
  EXPECT_EQ(target("-j ACCEPT").kind, TargetKind::Accept);
  EXPECT_EQ(target("-j DROP").kind, TargetKind::Drop);
  EXPECT_EQ(target("-j RETURN").kind, TargetKind::Return);
  EXPECT_EQ(target("-j REJECT --reject-with icmp-port-unreachable").kind, TargetKind::Verdict);
  EXPECT_EQ(target("-p tcp -j DNAT --to-destination 1.2.3.4:80").kind, TargetKind::Verdict);
  EXPECT_EQ(target("-j LOG --log-prefix \"a b \" --log-level 7").kind, TargetKind::Continue);
  EXPECT_EQ(target("-j SYNPROXY").kind, TargetKind::Opaque);
}

TEST(ParseTargets, ChainsAreBoundAndOthersAreNot) {
  EXPECT_EQ(target("-j C").kind, TargetKind::Jump);
  EXPECT_EQ(target("-j C").chain, 0u);
  EXPECT_EQ(target("-g C").kind, TargetKind::Goto);
  EXPECT_EQ(target("-j TARPIT").kind, TargetKind::Jump);
  EXPECT_EQ(target("-j TARPIT").chain, ir::kNoChain);
  EXPECT_EQ(target("-g ACCEPT").chain, ir::kNoChain);
}

TEST(ParseTargets, OptionsAreKeptInTheOrderWritten) {
  EXPECT_EQ(target("-j LOG --log-prefix \"a b \" --log-level 7").options, "--log-prefix \"a b \" --log-level 7");
  EXPECT_EQ(target("-j LOG  --log-level   7 -m comment --comment x --log-uid").options, "--log-level 7 --log-uid");
}

TEST(ParseTargets, MarkIsExact) {
  EXPECT_EQ(writes("-j MARK --set-xmark 0x4000/0x4000"), "mark&ffffbfff^4000");
  EXPECT_EQ(writes("-j MARK --set-xmark 5"), "mark&0^5");
  EXPECT_EQ(writes("-j MARK --set-mark 1/2"), "mark&fffffffc^1");
  EXPECT_EQ(writes("-j MARK --and-mark 0xf0"), "mark&f0^0");
  EXPECT_EQ(writes("-j MARK --or-mark 0xf0"), "mark&ffffff0f^f0");
  EXPECT_EQ(writes("-j MARK --xor-mark 0xf0"), "mark&ffffffff^f0");
}

TEST(ParseTargets, TheMarkOfAFlowIsExactWhereThereIsOne) {
  EXPECT_EQ(writes("-j CONNMARK --set-xmark 0x4000/0x4000"), "connmark&ffffbfff^4000");
  EXPECT_EQ(writes("-j CONNMARK --set-mark 1/2"), "connmark&fffffffc^1");
  EXPECT_EQ(writes("-j CONNMARK --and-mark 0xf0"), "connmark&f0^0");
  EXPECT_EQ(writes("-j CONNMARK --or-mark 0xf0"), "connmark&ffffff0f^f0");
  EXPECT_EQ(writes("-j CONNMARK --xor-mark 0xf0"), "connmark&ffffffff^f0");
  EXPECT_EQ(writesIf("-j CONNMARK --set-mark 1"), "ctstate=0-b");
}

TEST(ParseTargets, SavingAndRestoringCopyTheBitsOfTheirMasks) {
  EXPECT_EQ(writes("-j CONNMARK --save-mark"), "connmark&0^0+mark&ffffffff");
  EXPECT_EQ(writes("-j CONNMARK --restore-mark"), "mark&0^0+connmark&ffffffff");
  EXPECT_EQ(writes("-j CONNMARK --restore-mark --mask 0xff"), "mark&ffffff00^0+connmark&ff");
  EXPECT_EQ(writes("-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff"), "connmark&ffffff00^0+mark&f");
  EXPECT_EQ(writesIf("-j CONNMARK --restore-mark"), "ctstate=0-b");
}

TEST(ParseTargets, WhatIsKeptAndCopiedOrShiftedIsUnknown) {
  EXPECT_EQ(writes("-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf0"), "mark:ffffff00");
  EXPECT_EQ(writes("-j CONNMARK --restore-mark --nfmask 0xf"), "mark:0");
  EXPECT_EQ(writes("-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf0 --left-shift-mark 4"), "connmark:ffffff0f");
  EXPECT_EQ(writes("-j CONNMARK --set-mark 1 --left-shift-mark 4"), "connmark:0");
  EXPECT_EQ(writesIf("-j CONNMARK --restore-mark --nfmask 0xf"), "");
  EXPECT_EQ(writes("-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64", packet::Family::IPv6), "src:0 src_type:0");
  EXPECT_EQ(writes("-j SET --map-set a src --map-mark"), "mark:0");
}

TEST(ParseTargets, PacketsThatConntrackHasNotSeenGetAState) {
  EXPECT_EQ(writes("-j NOTRACK"), "ctstate&0^d");
  EXPECT_EQ(writes("-j CT --notrack"), "ctstate&0^d");
  EXPECT_EQ(writesIf("-j CT --notrack"), "ctstate=c");
  EXPECT_THAT(writes("-j CT --zone 3"), testing::StartsWith("ctstate&0^0 connmark&0^0 ct_status&0^8 ct_reply&0^0"));
}

TEST(ParseTargets, TheTrafficClassIsWrittenBitByBit) {
  EXPECT_EQ(writes("-j TOS --set-tos 0x10"), "tos&0^10");
  EXPECT_EQ(writes("-j TOS --set-tos 0x14/0x0f"), "tos&f0^14");
  EXPECT_EQ(writes("-j TOS --set-tos minimize-delay"), "tos&c0^10");
  EXPECT_EQ(writes("-j TOS --and-tos 0x12"), "tos&12^0");
  EXPECT_EQ(writes("-j TOS --or-tos 0x12"), "tos&ed^12");
  EXPECT_EQ(writes("-j TOS --xor-tos 0x12"), "tos&ff^12");
  EXPECT_EQ(writes("-j DSCP --set-dscp 46"), "tos&3^b8");
  EXPECT_EQ(writes("-j DSCP --set-dscp-class cs1"), "tos&3^20");
  EXPECT_EQ(writes("-j ECN --ecn-ip-ect 2"), "tos&fc^2");
  EXPECT_EQ(writes("-p tcp -j ECN --ecn-tcp-remove"), "tcp_flags&3f^0");
}

TEST(ParseTargets, TimeToLiveIsExactWhereSet) {
  EXPECT_EQ(writes("-j TTL --ttl-set 7"), "ttl&0^7");
  EXPECT_EQ(writes("-j TTL --ttl-dec 7"), "ttl:0");
  EXPECT_EQ(writes("-j HL --hl-set 7", packet::Family::IPv6), "ttl&0^7");
  EXPECT_EQ(writes("-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 500"), "length:0");
}

TEST(ParseTargets, ARewrittenPacketMakesUnknownsNew) {
  EXPECT_TRUE(target("-j TTL --ttl-set 4").rewritesUnmodelled);
  EXPECT_TRUE(target("-j SET --add-set a src").rewritesUnmodelled);
  EXPECT_FALSE(target("-j LOG").rewritesUnmodelled);
  EXPECT_FALSE(target("-j MARK --set-mark 1").rewritesUnmodelled);
}

TEST(ParseTargets, AMatchThatWritesLeavesNothingKnown) {
  for (llvm::StringRef match : {"-m socket --restore-skmark", "-m connlabel --label a --set"}) {
    ParsedRules rules = parsed(("-A INPUT " + match + " -j ACCEPT\n").str());
    EXPECT_TRUE(firstRule(rules).broken);
    EXPECT_FALSE(rules.incomplete);
  }
}

TEST(ParseTargets, AListWithOverlapsMeetsItsTargetTwice) {
  EXPECT_EQ(target("-s 10.0.0.0/8,10.1.0.0/16 -j MARK --xor-mark 1").kind, TargetKind::Opaque);
  EXPECT_EQ(target("-s 10.0.0.0/8,11.0.0.0/8 -j MARK --xor-mark 1").kind, TargetKind::Continue);
  EXPECT_EQ(target("-s 10.0.0.0/8,10.1.0.0/16 -j DROP").kind, TargetKind::Drop);
}

} // namespace iptlint::parse
