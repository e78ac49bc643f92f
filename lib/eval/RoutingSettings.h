// The kernel's settings of interfaces, as it combines those of one with those of all.
#pragma once

#include "ir/Network.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::eval {

/// Where no text says otherwise, the settings are a router's: it forwards, and it asks no packet for its way back.
/// What the text says of "default" holds for interfaces of which it says nothing: they get it when they are made.
/// Source: Documentation/networking/ip-sysctl.rst; include/linux/inetdevice.h, IN_DEV_RPFILTER() and its like.
class RoutingSettings {
public:
  explicit RoutingSettings(const ir::Network &network);

  bool forwards(packet::Family family, llvm::StringRef device) const;
  int reversePathFilter(llvm::StringRef device) const; ///< 0, 1 strict, 2 loose
  bool acceptsLocal(llvm::StringRef device) const;
  bool routesLocalnet(llvm::StringRef device) const;
  bool marksReversePath(llvm::StringRef device) const; ///< src_valid_mark
  bool sendsRedirects(llvm::StringRef device) const;
  bool forwardsBroadcasts(llvm::StringRef device) const;
  bool ignoresLinkDown(packet::Family family, llvm::StringRef device) const;
  bool forwardsMulticast(packet::Family family, llvm::StringRef device) const;
  bool prefersTemporary(llvm::StringRef device) const;  ///< IPv6, use_tempaddr
  bool onlyItsOwnSources(llvm::StringRef device) const; ///< IPv6, use_oif_addrs_only

private:
  std::optional<int> read(packet::Family family, llvm::StringRef place, llvm::StringRef name) const;
  int of(packet::Family family, llvm::StringRef device, llvm::StringRef name, int otherwise) const;
  bool either(llvm::StringRef device, llvm::StringRef name, int otherwise) const;

  llvm::StringMap<int> values;
};

} // namespace iptlint::eval
