#include "analysis/Ordinary.h"
#include "llvm/ADT/ArrayRef.h"
#include <cassert>

namespace iptlint::analysis {

using packet::Family;
using packet::Field;
using packet::Value;

static Value address6(uint64_t high, uint64_t low) { return Value(high) << 64 | low; }

/// Values to try first, the most ordinary in front.
static llvm::ArrayRef<Value> favourites(Field field, Family family) {
  // Addresses from the documentation blocks (RFC 5737, RFC 3849), then unicast ones spread over the rest.
  static const Value source4[] = {0xc0000201, 0x0a000001, 0x01000001, 0x80000001, 0xdfffff01};
  static const Value destination4[] = {0xc6336401, 0x0a000002, 0x01000002, 0x80000002, 0xdfffff02};
  static const Value source6[] = {address6(0x20010db8'00000000, 1), address6(0xfd00'0000'0000'0000, 1),
                                  address6(0x2a00'0000'0000'0000, 1)};
  static const Value destination6[] = {address6(0x20010db8'00000001, 1), address6(0xfd00'0000'0000'0001, 1),
                                       address6(0x2a00'0000'0000'0001, 1)};
  static const Value protocols4[] = {packet::kTcp, packet::kUdp, packet::kIcmp, 47, 50, 89, 253};
  static const Value protocols6[] = {packet::kTcp, packet::kUdp, packet::kIcmpv6, 47, 89, 253};
  static const Value sourcePorts[] = {40000, 1024, 53};
  static const Value destinationPorts[] = {80, 443, 22, 8080};
  static const Value echo4[] = {8 << 8}, echo6[] = {128 << 8};
  static const Value syn[] = {2, 16, 18};
  static const Value unicast[] = {Value(packet::AddrType::Unicast), Value(packet::AddrType::Local)};
  static const Value macs[] = {0x02'00'00'00'00'01};
  static const Value names[] = {packet::interfaceValue("eth0"), packet::interfaceValue("eth1")};
  static const Value hops[] = {64, 128, 255};
  static const Value lengths[] = {60, 100};
  static const Value chunks[] = {1};
  static const Value owners[] = {packet::kNoSocket, 0, 1000};
  static const Value extensions6[] = {packet::kExtProto};
  bool four = family == Family::IPv4;
  switch (field) {
  case Field::In:
  case Field::Out:
    return names;
  case Field::Src:
    return four ? llvm::makeArrayRef(source4) : llvm::makeArrayRef(source6);
  case Field::Dst:
    return four ? llvm::makeArrayRef(destination4) : llvm::makeArrayRef(destination6);
  case Field::Proto:
    return four ? llvm::makeArrayRef(protocols4) : llvm::makeArrayRef(protocols6);
  case Field::Sport:
    return sourcePorts;
  case Field::Dport:
    return destinationPorts;
  case Field::Icmp:
    return four ? echo4 : echo6;
  case Field::TcpFlags:
    return syn;
  case Field::SrcType:
  case Field::DstType:
    return unicast;
  case Field::Mac:
    return macs;
  case Field::Ttl:
    return hops;
  case Field::Length:
    return lengths;
  case Field::SctpChunks:
    return chunks;
  case Field::Uid:
  case Field::Gid:
    return owners;
  case Field::ExtHeaders:
    return four ? llvm::ArrayRef<Value>() : llvm::makeArrayRef(extensions6);
  default:
    return {}; // the lowest value is the plainest
  }
}

/// Fields whose values are names.
static bool isName(Field field) {
  return field == Field::In || field == Field::Out || field == Field::PhysIn || field == Field::PhysOut;
}

/// The first character from \p from on that an interface name may hold; 256 if there is none.
static unsigned nameCharacter(unsigned from) {
  while (from < 256 && !packet::isInterface(packet::interfaceValue(std::string{'e', char(from)})))
    ++from;
  return from;
}

static bool isUsable(const std::string &name) {
  return name.size() < 16 && packet::isInterface(packet::interfaceValue(name));
}

/// The lowest interface value at or above \p lo.
static std::optional<Value> lowestInterface(Value lo) {
  std::string name = packet::interfaceName(lo);
  if (isUsable(name) && packet::interfaceValue(name) >= lo)
    return packet::interfaceValue(name);
  unsigned first = nameCharacter(1);
  for (std::string longer = name + char(first); longer.size() < 16; longer += char(first))
    if (isUsable(longer))
      return packet::interfaceValue(longer);
  while (!name.empty()) {
    unsigned next = nameCharacter(uint8_t(name.back()) + 1u);
    name.pop_back();
    if (next < 256 && isUsable(name + char(next)))
      return packet::interfaceValue(name + char(next));
  }
  return std::nullopt;
}

std::optional<Value> ordinaryValue(Field field, Family family, Value lo, Value hi) {
  assert(lo <= hi && "an interval has a value");
  for (Value favourite : favourites(field, family))
    if (lo <= favourite && favourite <= hi)
      return favourite;
  if (isName(field)) {
    // A name of letters and digits reads better than the lowest one.
    for (char ending : {'0', '1', 'a', 'x'}) {
      std::string name = packet::interfaceName(lo) + ending;
      if (lo != 0 && isUsable(name) && lo <= packet::interfaceValue(name) && packet::interfaceValue(name) <= hi &&
          !packet::isInterface(lo))
        return packet::interfaceValue(name);
    }
    std::optional<Value> lowest = lowestInterface(lo);
    return lowest && *lowest <= hi ? lowest : std::nullopt;
  }
  if (field == Field::Proto) {
    Value number = lo;
    while (number <= hi && !packet::canBeProtocol(unsigned(number), family))
      ++number;
    return number <= hi ? std::optional(number) : std::nullopt;
  }
  // Not the network's own address where there is another.
  bool isAddress = field == Field::Src || field == Field::Dst;
  return isAddress && lo < hi ? lo + 1 : lo;
}

} // namespace iptlint::analysis
