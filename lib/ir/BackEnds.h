// Where a condition means something else when iptables-nft loads it than when iptables-legacy does.
//
// Conditions are modelled as legacy has them. iptables-nft hands most matches to the same code in the kernel; some it
// writes in nf_tables' own terms, and of these it drops what it takes to hold always, `!` or not. (Of `! -i +` it makes
// a name that no interface has, so that it never holds, as on legacy.) Source: iptables 1.8.9, iptables/nft.c,
// add_action() and what it calls; nft-shared.c, add_iniface().
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::ir {

/// multiport's `! --dports 0:65535`, which never holds.
inline bool excludesAllPortsByList(const Rule &rule) {
  for (size_t i = 0; i + 2 < rule.words.size(); ++i)
    if (rule.words[i] == "!" && rule.words[i + 1].endswith("ports") && rule.words[i + 2] == "0:65535")
      return true;
  return false;
}

inline bool isOfTcpOrUdp(const Rule &rule) {
  for (const Test &test : rule.tests)
    if (auto *range = std::get_if<RangeTest>(&test); range && range->field == Field::Proto)
      return !range->negated && range->ranges.size() == 1 && range->ranges[0].lo == range->ranges[0].hi &&
             (range->ranges[0].lo == packet::kTcp || range->ranges[0].lo == packet::kUdp);
  return false;
}

/// Whether iptables-nft drops a condition of \p rule that never holds on legacy: `! --dport 0:65535` of TCP and UDP,
/// `! --tcp-flags NONE NONE`.
inline bool isDroppedByNft(const Test &test, const Rule &rule) {
  if (auto *flags = std::get_if<MaskTest>(&test))
    return flags->field == Field::TcpFlags && flags->negated && flags->mask == 0;
  constexpr Value kLastPort = 0xffff;
  auto *range = std::get_if<RangeTest>(&test);
  bool isOfPort = range && (range->field == Field::Sport || range->field == Field::Dport) && !range->orField;
  return isOfPort && range->negated && range->ranges.size() == 1 && range->ranges[0] == Interval{0, kLastPort} &&
         isOfTcpOrUdp(rule) && !excludesAllPortsByList(rule);
}

} // namespace iptlint::ir
