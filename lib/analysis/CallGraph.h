// Who jumps where in one table, and what is wrong with it.
//
// Everything else in analysis assumes a graph without cycles among the chains that a hook
// reaches; Reach refuses the others. Iterative throughout: legacy iptables loads jumps
// 10,000 chains deep.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::analysis {

/// The deepest nesting that the nft back end loads, the built-in chain counted, jump and goto alike (KERNEL fact 28).
constexpr unsigned kNftDepthLimit = 16;

struct CallGraph {
  struct Site {
    ir::RuleId rule;
    uint32_t target; ///< index of the chain that is jumped or gone to
  };
  std::vector<std::vector<Site>> callees;   ///< by chain, in rule order
  std::vector<std::vector<Site>> callers;   ///< by chain: the sites that name it
  std::vector<ir::RuleId> undefined;        ///< jumps and gotos to chains that do not exist
  std::vector<bool> reachedFromHook;        ///< by chain: some built-in chain leads there
  /// Each cycle once, as the sites along it; the first site is that of the earliest chain.
  std::vector<std::vector<Site>> cycles;
  std::vector<bool> onCycleOrBehind;        ///< by chain: on a cycle, or able to come to one
  /// By chain: the most chains a packet can be nested in when it is here, 1 for a built-in chain;
  /// 0 where no hook leads or a cycle does.
  std::vector<unsigned> depth;
  /// Callers before callees; chains on or behind a cycle are left out.
  std::vector<uint32_t> callersFirst;
  /// By chain: no packet comes back out of it to a caller. False for all until findChainsWithoutReturn() is asked, and for
  /// those on or behind a cycle. Where it is known, a goto to such a chain counts as what takes the packets.
  std::vector<bool> neverReturns;
};

CallGraph buildCallGraph(const ir::Table &table);

/// By chain: a rule that could not be read may lead there, whatever else does: to the chain that it names and those behind
/// it, or, where it names no target, to any.
std::vector<bool> chainsOfBrokenRules(const ir::Table &table, const CallGraph &graph);

/// Fills in neverReturns.
void findChainsWithoutReturn(const ir::Table &table, CallGraph &graph);

} // namespace iptlint::analysis
