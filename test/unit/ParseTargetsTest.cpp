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

/// "mark = (mark & keep) ^ flip", or "mark: keep" where the rest becomes anything.
static std::string writes(llvm::StringRef words, packet::Family family = packet::Family::IPv4) {
  std::string all;
  for (const ir::Write &write : target(words, family).writes)
    all += packet::name(write.field).str() + (write.known ? "&" : ":") + hex(write.keep) + "^" + hex(write.flip) + " ";
  return all;
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
  EXPECT_EQ(writes("-j MARK --set-xmark 0x4000/0x4000"), "mark&ffffbfff^4000 ");
  EXPECT_EQ(writes("-j MARK --set-xmark 5"), "mark&0^5 ");
  EXPECT_EQ(writes("-j MARK --set-mark 1/2"), "mark&fffffffc^1 ");
  EXPECT_EQ(writes("-j MARK --and-mark 0xf0"), "mark&f0^0 ");
  EXPECT_EQ(writes("-j MARK --or-mark 0xf0"), "mark&ffffff0f^f0 ");
  EXPECT_EQ(writes("-j MARK --xor-mark 0xf0"), "mark&ffffffff^f0 ");
}

TEST(ParseTargets, WhatIsRestoredIsUnknown) {
  EXPECT_EQ(writes("-j CONNMARK --restore-mark"), "mark:0^0 ");
  EXPECT_EQ(writes("-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf0"), "mark:ffffff00^0 ");
  EXPECT_EQ(writes("-j CONNMARK --restore-mark --mask 0xff"), "mark:ffffff00^0 ");
  EXPECT_EQ(writes("-j CONNMARK --restore-mark --nfmask 0xf"), "mark:0^0 ");
  EXPECT_EQ(writes("-j CONNMARK --save-mark"), "");
  EXPECT_TRUE(target("-j CONNMARK --save-mark").rewritesUnmodelled);
  EXPECT_EQ(writes("-j NOTRACK"), "ctstate:0^0 ");
  EXPECT_EQ(writes("-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64", packet::Family::IPv6), "src:0^0 src_type:0^0 ");
  EXPECT_EQ(writes("-j SET --map-set a src --map-mark"), "mark:0^0 ");
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
