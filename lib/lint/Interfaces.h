// What the texts say of interfaces and own addresses.
#pragma once

#include "ir/Network.h"

namespace iptlint::lint {

/// nullptr: no text shows it.
const ir::Interface *interfaceNamed(const ir::Network &network, llvm::StringRef name);

/// Whether the texts show an address as the machine's own: as an interface's, or by a route of type local.
bool isOwnAddress(const ir::Network &network, packet::Family family, packet::Value address);

/// Whether routing asks the table local first of all packets, as the kernel's first rule says, unless rules were moved.
bool takesOwnFirst(const ir::Network &network, packet::Family family);

/// Whether packets that come or leave by the interface are surely routed: not those of a bridge, which it may hand from
/// port to port, nor those of a VRF.
bool isRouted(const ir::Network &network, llvm::StringRef name);

/// Whether the machine has interfaces, and all but lo are routed ones.
bool isRouter(const ir::Network &network);

} // namespace iptlint::lint
