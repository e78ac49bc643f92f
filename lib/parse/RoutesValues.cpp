#include "parse/RoutesValues.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

namespace iptlint::parse {

using packet::Family;
using packet::Value;

std::optional<Address> readAddress(llvm::StringRef text, std::optional<Family> family) {
  for (Family candidate : {Family::IPv4, Family::IPv6}) {
    Address address{0, candidate};
    if (family.value_or(candidate) == candidate && packet::parseAddress(text, candidate, address.value))
      return address;
  }
  return std::nullopt;
}

std::optional<uint64_t> readNumber(llvm::StringRef text, uint64_t max) {
  uint64_t number = 0;
  if (text.getAsInteger(10, number) || number > max)
    return std::nullopt;
  return number;
}

std::optional<unsigned> readLength(llvm::StringRef text, Family family) {
  return readNumber(text, packet::bits(packet::Field::Dst, family));
}

std::optional<unsigned> maskLength(uint32_t mask) {
  unsigned ones = llvm::countLeadingOnes(mask);
  if (ones != 32 && mask << ones != 0)
    return std::nullopt;
  return ones;
}

bool hasHostBits(const ir::Prefix &prefix, Family family) {
  unsigned hostBits = packet::bits(packet::Field::Dst, family) - prefix.length;
  Value host = hostBits == 128 ? ~Value(0) : (Value(1) << hostBits) - 1;
  return (prefix.address & host) != 0;
}

bool isDeviceName(llvm::StringRef text) {
  constexpr size_t kMaxDeviceName = 15; // IFNAMSIZ - 1
  return !text.empty() && text.size() <= kMaxDeviceName && text != "." && text != ".." &&
         text.find_first_of("/:") == llvm::StringRef::npos;
}

llvm::StringRef familyName(Family family) {
  return family == Family::IPv4 ? "IPv4" : "IPv6";
}

} // namespace iptlint::parse
