// All tables of a rule set as one program: which rules get no packet because of what other tables do.
//
// A packet from the wire comes through raw, mangle and nat of PREROUTING, is routed, and comes through INPUT, or through FORWARD and
// POSTROUTING; one of the machine's own through OUTPUT and POSTROUTING. ACCEPT in one table leads to
// the next; what was dropped, marked or translated before is so for all that follow. The tables are put together as one
// table, with a copy of each chain for each hook it is called from, and Reach is asked about that.
//
// Nothing is assumed of what the kernel does between the hooks: routing may send any packet either way and by any
// interface, and what it changes is unknown afterwards. So only Dead is an answer here: no packet gets to the rule on any
// way through the machine. Where the tables of a rule set do not act on each other nothing is looked at.
// Source of the order: enum nf_ip_hook_priorities in linux/netfilter_ipv4.h; docs/semantics.md.
#pragma once

#include "analysis/Reach.h"
#include <vector>

namespace iptlint::analysis {

/// A rule of one of the tables.
struct TableRule {
  uint32_t table = 0; ///< index into the tables that were given
  ir::RuleId rule;
  auto operator<=>(const TableRule &) const = default;
};

/// A rule that is dead because of other tables.
struct DeadInMachine {
  TableRule rule;
  /// These leave it no packet, each really gets some of them: rules of its own table and others. Without any, packets
  /// that meet its condition are no more when they come to its chain.
  std::vector<TableRule> takers = {};
  std::vector<TableRule> writers = {}; ///< rules of other tables that change what it asks for, and can match what it asks for
  bool skipsNat = false;          ///< what is left: nat is not asked about packets that start no flow
  bool incomplete = false;        ///< there are more takers
};

/// The rules that are Dead here though \p alone says that they are live in their own table.
/// \param tables  those of one rule set, in any order, without replaced ones.
/// \param graphs, alone  of each table.
std::vector<DeadInMachine> computeMachine(llvm::ArrayRef<const ir::Table *> tables, packet::Family family,
                                          llvm::ArrayRef<const CallGraph *> graphs, llvm::ArrayRef<const TableReach *> alone,
                                          const ReachOptions &options);

} // namespace iptlint::analysis
