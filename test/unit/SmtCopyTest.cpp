// Marks that are saved with a flow and restored from it, in proofs.
#include "SmtRules.h"

namespace iptlint::smt {
namespace {

const std::string throughTheFlow = "-A INPUT -j MARK --set-mark 5\n"
                                   "-A INPUT -j CONNMARK --save-mark\n"
                                   "-A INPUT -j MARK --set-mark 0\n"
                                   "-A INPUT -j CONNMARK --restore-mark\n";

TEST(SmtCopyTests, WhatWasSavedIsRestoredIfThereIsAFlow) {
  expectEqual(filter(throughTheFlow + "-A INPUT -m mark --mark 5 -j ACCEPT\n"),
              filter(throughTheFlow + "-A INPUT -m conntrack ! --ctstate INVALID,UNTRACKED -j ACCEPT\n"));
}

TEST(SmtCopyTests, WithoutAFlowNothingIs) {
  Comparison found = expectDifferent(filter(throughTheFlow + "-A INPUT -m mark --mark 5 -j ACCEPT\n"),
                                     filter(throughTheFlow + "-A INPUT -j ACCEPT\n"));
  EXPECT_GE((*found.packet)[packet::Field::CtState], packet::Value(packet::CtState::Invalid));
}

TEST(SmtCopyTests, BitsOutsideTheMasksStay) {
  std::string saved = "-A INPUT -j MARK --set-mark 0x15\n-A INPUT -j CONNMARK --set-mark 0x22\n"
                      "-A INPUT -j CONNMARK --restore-mark --mask 0xf\n";
  expectEqual(filter(saved + "-A INPUT -m conntrack --ctstate NEW -m mark --mark 0x12 -j ACCEPT\n"),
              filter(saved + "-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"));
}

TEST(SmtCopyTests, ATrafficClassIsFollowedBitByBit) {
  expectDifferent(filter("-A INPUT -j DSCP --set-dscp 46\n"), filter("-A INPUT -j DSCP --set-dscp 47\n"));
}

} // namespace
} // namespace iptlint::smt
