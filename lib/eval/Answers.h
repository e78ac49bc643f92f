// Whether the sender of a packet is told of its end, by an ICMP error or by the RST of REJECT.
#pragma once

#include "eval/Situation.h"

namespace iptlint::eval {

/// Whether an ICMP error would be sent. Not for an ICMP error, a later fragment, or what was for more than one machine;
/// not where there is no way back. Source: net/ipv4/icmp.c, __icmp_send(); net/ipv6/icmp.c, icmp6_send().
bool tellsByIcmp(const Situation &situation);

/// Whether `REJECT --reject-with tcp-reset` would send one. Source: net/ipv4/netfilter/nf_reject_ipv4.c,
/// nf_send_reset(); net/ipv6/netfilter/nf_reject_ipv6.c, nf_send_reset6().
bool tellsByReset(const Situation &situation);

} // namespace iptlint::eval
