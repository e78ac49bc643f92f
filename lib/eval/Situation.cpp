#include "eval/Situation.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::eval {

using packet::AddrType;
using packet::Value;

AddressTypes &Situation::typesOf(Value address) {
  auto [found, isNew] = types.try_emplace(address);
  if (isNew) {
    TypeOf type = machine.routing->addressType(packet.family, address);
    if (type.type)
      found->second = {*type.type};
    else if (packet.family == packet::Family::IPv4)
      found->second = {AddrType::Local, AddrType::Unicast, AddrType::Broadcast};
    else
      found->second = {AddrType::Local, AddrType::Unicast};
  }
  return found->second;
}

void Situation::learnType(Value address, bool isOwn) {
  AddressTypes &left = typesOf(address);
  if (left.size() > 1)
    llvm::erase_if(left, [&](AddrType type) { return (type == AddrType::Local) != isOwn; });
}

std::optional<bool> Situation::isOwn(Value address) const {
  auto found = types.find(address);
  if (found == types.end())
    return std::nullopt;
  bool may = llvm::is_contained(found->second, AddrType::Local);
  return may && found->second.size() > 1 ? std::nullopt : std::optional(may);
}

AddrType Situation::typeSoFar(Value address) {
  const AddressTypes &left = typesOf(address);
  return left.size() == 1 ? left.front() : AddrType::Unicast;
}

} // namespace iptlint::eval
