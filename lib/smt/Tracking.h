// Whether rules make the kernel track connections.
//
// Loading one such rule is enough, whether a packet reaches it or not: the kernel then puts fragments
// together before any rule sees them.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::smt {

/// Source: the matches and targets of net/netfilter and net/ipv4/netfilter that call nf_ct_netns_get() or, without
/// tracking anything, nf_defrag_ipv4_enable() (socket, TPROXY) when a rule is loaded.
bool tracksConnections(const ir::Table &table);

} // namespace iptlint::smt
