// From which hooks the kernel comes to each chain when it loads a table, for what it refuses there.
//
// Conditions do not matter to it: it follows every jump that it sees. The legacy back end sees no rule of a chain
// behind an unconditional ACCEPT, DROP, RETURN or QUEUE, and asks such rules nothing.
// Source: mark_source_chains() in net/ipv4/netfilter/ip_tables.c, nft_chain_validate() in nf_tables_api.c.
#pragma once

#include "analysis/CallGraph.h"

namespace iptlint::analysis {

struct LoadedHooks {
  std::vector<uint8_t> hooks; ///< by chain: a bit for each packet::Hook that leads to it
  std::vector<uint32_t> seen; ///< by chain: how many of its rules are looked at
};

/// \p stops  whether an unconditional verdict ends a chain, as on the legacy back end.
LoadedHooks findLoadedHooks(const ir::Table &table, const CallGraph &graph, bool stops);

} // namespace iptlint::analysis
