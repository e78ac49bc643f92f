// Makes a Program out of a table.
//
// What a target writes matters only if a later rule may read it; most writes (KUBE-MARK-MASQ in nat
// PREROUTING, say) are read by nobody in their table and cost nothing here. Where one matters, the rule
// that writes becomes a goto to a block holding the rest of its chain in the new state. If the change is
// read only after the chain has returned, its caller is continued the same way: the call becomes a goto
// to a block that goes on with the caller's rest where the chain would have returned (a continuation).
//
//   -A INPUT -s 10.0.0.0/8 -j MARK --set-mark 1     INPUT:    src 10/8   goto INPUT.1
//   -A INPUT -m mark --mark 1 -j ACCEPT                       mark = 1   stop
//   -A INPUT -j DROP                                          all        stop
//                                                   INPUT.1:  all        stop     (mark is 1 here)
//                                                             all        stop
//
// Blocks are shared where chain, state and continuation are the same. Where even so they would become too many,
// writes are blurred: conditions that read them are taken for wider than they are, and
// what hangs on them comes out as Unknown.
#pragma once

#include "analysis/CallGraph.h"
#include "analysis/Program.h"

namespace iptlint::analysis {

/// \param table  its chains on or behind a cycle (graph.onCycleOrBehind) are left out.
/// \param defragmented  no fragment enters.
Program lower(const ir::Table &table, packet::Family family, const CallGraph &graph, bool defragmented);

} // namespace iptlint::analysis
