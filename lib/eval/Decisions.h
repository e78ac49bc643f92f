// The routing decision for a packet on its way: what is asked of Routing, and which of its answers a journey goes by.
#pragma once

#include "eval/Situation.h"

namespace iptlint::eval {

/// What routing reads of the packet as it is now.
Flow flowOf(const Situation &situation);

/// Makes one of the decisions that are possible, in agreement with what was found out before, the packet's way; it is
/// told as a step. \param again  a packet of this machine that is routed once more behind OUTPUT.
/// \returns false where it is not known; the trip has ended then.
bool decide(Situation &situation, bool again);

/// Whether the packet is delivered: Local, Out, Broadcast or Multicast.
bool isDelivery(Fate fate);

/// Ends the trip of a packet that routing does not deliver.
/// \returns false.
bool endUndelivered(Situation &situation, const Decision &decision);

/// The packet goes out of an interface: its device group is known, or open.
void enterGroup(Situation &situation, llvm::StringRef device);

/// The number of an interface's device group; nothing if it is not known.
std::optional<packet::Value> groupOf(const ir::Network &network, llvm::StringRef device);

} // namespace iptlint::eval
