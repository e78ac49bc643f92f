// Makes a Program out of a table.
//
// What a target writes matters only if a later rule may read it; most writes (KUBE-MARK-MASQ in nat
// PREROUTING, say) are read by nobody in their table and cost nothing here. Where one matters, the
// packets of the rules that read it are cut along the condition of the rule that writes (Writers.h):
//
//   -A INPUT -s 10.0.0.0/8 -j MARK --set-mark 1     src 10/8                          pass
//   -A INPUT -m mark --mark 1 -j ACCEPT             src 10/8, or mark 1 and not 10/8  stop
//
// A chain that is called with packets in several states becomes a block for each. If what a called chain
// writes is read only after it has returned, its caller is continued the same way: the call becomes a goto to a
// block that goes on with the caller's rest, in the new state, where the chain would have returned (a continuation). So
// does a rule that writes but may or may not match: it becomes a goto to the rest of its chain in the new state.
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
/// \param mostInstructions  as in ReachOptions.
Program lower(const ir::Table &table, packet::Family family, const CallGraph &graph, bool defragmented,
              std::optional<size_t> mostInstructions = std::nullopt);

} // namespace iptlint::analysis
