#include "parse/Interfaces.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

ir::Interface &Interfaces::named(llvm::StringRef name, const ir::Place &place) {
  auto [found, isNew] = numbers.try_emplace(name, interfaces.size());
  if (isNew) {
    interfaces.emplace_back().name = name;
    interfaces.back().place = place;
  }
  return interfaces[found->second];
}

void Interfaces::add(ir::Interface &interface, const ir::InterfaceAddress &address) {
  bool known = llvm::any_of(interface.addresses, [&](const ir::InterfaceAddress &other) {
    return other.family == address.family && other.address == address.address && other.length == address.length &&
           other.peer == address.peer;
  });
  if (!known)
    interface.addresses.push_back(address);
}

void Interfaces::setFlags(ir::Interface &interface, llvm::ArrayRef<llvm::StringRef> flags,
                          llvm::StringRef carrierFlag) {
  interface.up = llvm::is_contained(flags, "UP");
  interface.loopback = llvm::is_contained(flags, "LOOPBACK");
  interface.pointToPoint = llvm::is_contained(flags, "POINTOPOINT");
  interface.noArp = llvm::is_contained(flags, "NOARP");
  if (*interface.up)
    interface.carrier = llvm::is_contained(flags, carrierFlag);
}

llvm::StringRef bareName(llvm::StringRef name) {
  return name.split('@').first;
}

} // namespace iptlint::parse
