// What hangs on the order of a chain's rules, as far as somebody asks for it.
//
// These are answers of Reach that no rule's status depends on. Each costs time, so each is found only where a check
// that needs it is selected.
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"

namespace iptlint::analysis {

/// What is looked for besides.
struct Extras {
  bool merges = false;     ///< rules that one rule could replace
  bool anyComments = false; ///< of these, also rules whose comments differ
  bool exceptions = false; ///< rules that a later, wider one contradicts
  bool overlaps = false;   ///< rules that share packets with a later one that decides otherwise
  bool delays = false;     ///< rules for established connections that could stand further up
};

/// Rules of one chain that one rule in the first one's place could replace: no packet's verdict or effects would
/// change. They are alike but for one test.
struct Merge {
  std::vector<ir::RuleId> rules;    ///< ascending, two at least; all are live
  ir::Field field = ir::Field::Src; ///< Src, Dst: one prefix, or one interval. Sport, Dport: what one multiport holds
  llvm::SmallVector<ir::Interval, 1> ranges; ///< what the one rule would ask of the field; sorted, not adjacent
  bool countersAdd = true; ///< the one rule would have counted just what these did
};

/// A rule, and the rules before it in its chain that are exceptions to it: it would match each of their packets,
/// decides otherwise, and is the first rule behind them that surely matches all of these.
struct General {
  ir::RuleId rule;
  std::vector<ir::RuleId> exceptions; ///< ascending, one at least
};

/// A rule, and rules behind it in its chain that decide otherwise: each pair has packets in common, and neither rule
/// has all packets of the other.
struct Overlap {
  struct Other {
    ir::RuleId rule;
    /// A packet, as it enters the table, that gets to the first rule and meets its condition, and that the other
    /// rule would decide if the first were not there.
    std::shared_ptr<const packet::Packet> packet;
  };
  ir::RuleId rule;
  std::vector<Other> others; ///< ascending, one at least
  bool more = false;         ///< not all rules behind it were looked at
  bool last = false;         ///< the table has so many that rules after this one were not asked about
};

/// A rule that could stand further up without any packet noticing, which would spare the packets of its chain
/// comparisons.
struct Delay {
  ir::RuleId rule;
  uint32_t to = 0; ///< the number, from 0, of the rule that it could stand before
  // Wide enough for any counters.
  packet::Value packets = 0; ///< that came to the chain, as far as the counters tell; an upper bound
  packet::Value saved = 0;   ///< comparisons that these packets would have been spared; a lower bound
};

} // namespace iptlint::analysis
