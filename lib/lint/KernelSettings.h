// Settings of the kernel that texts name. What none names is not known: no default is taken for it, as eval does, since
// a check says nothing where it does not know.
//
// Nor does a setting of "default" tell anything: interfaces that were there before it keep what they had.
// Source: net/ipv4/devinet.c, devinet_copy_dflt_conf(), inet_set_ifa().
#pragma once

#include "ir/Network.h"

namespace iptlint::lint {

/// The last that has this name; nullptr if there is none, or it is no number.
const ir::Setting *settingNamed(const ir::Network &network, llvm::StringRef name);
/// Its value.
std::optional<int> valueOf(const ir::Network &network, llvm::StringRef name);

/// "rp_filter" of an interface, or of "all".
const ir::Setting *settingOf(const ir::Network &network, llvm::StringRef device, llvm::StringRef name);

/// Whether a setting of an interface that is on where either is, the interface's or that of all, is known to be on.
bool isOn(const ir::Network &network, llvm::StringRef device, llvm::StringRef name);

/// Whether IPv4 asks packets for their way back. Source: include/linux/inetdevice.h, IN_DEV_RPFILTER().
enum class ReversePathFilter : uint8_t {
  NotKnown, ///< or off
  On,       ///< loose or strict
  Loose,
  Strict,
};

struct ReversePath {
  ReversePathFilter filter = ReversePathFilter::NotKnown;
  const ir::Setting *setting = nullptr; ///< that says so
};

/// Of packets that come by an interface. Empty: by any, so that only what all have in common counts.
ReversePath reversePathOf(const ir::Network &network, llvm::StringRef device);

} // namespace iptlint::lint
