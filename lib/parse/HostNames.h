// What names in place of addresses stand for, where a program was not told to print numbers.
#pragma once

#include "parse/Hosts.h"

namespace iptlint::parse {

/// The addresses of a name: as \p hosts has it, else as every machine does (localhost, ip6-allnodes, and of networks
/// default, loopback, link-local). Names are never asked for anywhere. Empty: not known.
/// \param hosts  may be null.
/// Source: Debian's netbase, /etc/networks; netcfg, /etc/hosts.
llvm::SmallVector<packet::Value, 1> addressesOf(llvm::StringRef name, packet::Family family, const Hosts *hosts);

} // namespace iptlint::parse
