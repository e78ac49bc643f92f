// Whether a packet could be put on the wire such that it gets to its hook as it is.
//
// A witness is a packet as it enters its table's hook. Sent from outside, it gets there only if nothing in it
// is the machine's own doing. What routing and own addresses would have to say is not known here and not
// asked: docs/output.md says so.
#pragma once

#include "packet/Packet.h"
#include <string>

namespace iptlint::driver {

/// \param tracked  some rule uses conntrack, so that connection state means something.
/// \param table  the name of the table the packet enters.
/// \returns why \p packet cannot be sent; empty if it can.
std::string whyNotSendable(const packet::Packet &packet, llvm::StringRef table, bool tracked);

} // namespace iptlint::driver
