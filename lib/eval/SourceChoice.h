// Which of its addresses the kernel puts into packets that have no source yet.
#pragma once

#include "eval/Routing.h"
#include "eval/RoutingState.h"

namespace iptlint::eval {

/// The address of an interface for packets to a next hop: the first primary one of its prefix, else the first one of
/// the interface, else one of another interface.
/// \param toward  the gateway; 0: none, any prefix will do.
/// \param scope   addresses that reach less far are left out: 253, say, takes those of scope "link" as well.
/// Source: net/ipv4/devinet.c, inet_select_addr().
Choice chooseSource4(const RoutingState &state, llvm::StringRef device, packet::Value toward, unsigned scope);

/// The best address for a destination by the rules of RFC 6724, with the policy table that the kernel begins with.
/// \param device  that packets leave by; empty: not known yet.
/// Source: net/ipv6/addrconf.c, ipv6_dev_get_saddr() and ipv6_get_saddr_eval(); net/ipv6/addrlabel.c.
Choice chooseSource6(const RoutingState &state, llvm::StringRef device, packet::Value destination);

} // namespace iptlint::eval
