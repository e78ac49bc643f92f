// The interfaces of one machine while texts add to what is known of them.
#pragma once

#include "ir/Network.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::parse {

class Interfaces {
public:
  explicit Interfaces(std::vector<ir::Interface> &interfaces) : interfaces(interfaces) {}

  /// The interface of a name, which a text may have named before. Good until the next call.
  ir::Interface &named(llvm::StringRef name, const ir::Place &place);

  /// Adds an address, unless an earlier text named it.
  static void add(ir::Interface &interface, const ir::InterfaceAddress &address);

  /// The flags as `ip` and ifconfig name them: "UP", "LOWER_UP", "NO-CARRIER", "LOOPBACK", "POINTOPOINT", "NOARP".
  /// \param carrierFlag  the one that says that there is a carrier.
  static void setFlags(ir::Interface &interface, llvm::ArrayRef<llvm::StringRef> flags, llvm::StringRef carrierFlag);

private:
  std::vector<ir::Interface> &interfaces;
  llvm::StringMap<size_t> numbers;
};

/// The name of an interface, of which `ip` shows behind @ what it stands on: `em1@if5`.
llvm::StringRef bareName(llvm::StringRef name);

} // namespace iptlint::parse
