#include "parse/RoutesValues.h"
#include "llvm/ADT/StringSwitch.h"
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

llvm::StringRef tableName(llvm::StringRef text) {
  return llvm::StringSwitch<llvm::StringRef>(text)
      .Case("0", "unspec")
      .Case("253", "default")
      .Case("254", "main")
      .Case("255", "local")
      .Default(text);
}

std::optional<uint8_t> readDsField(llvm::StringRef text) {
  uint8_t number = 0;
  llvm::StringRef digits = text;
  bool isHex = digits.consume_front("0x") || digits.consume_front("0X");
  if (!digits.getAsInteger(isHex ? 16 : 10, number))
    return number;
  return llvm::StringSwitch<std::optional<uint8_t>>(text)
      .Case("default", 0x00)
      .Case("lowdelay", 0x10)
      .Case("throughput", 0x08)
      .Case("reliability", 0x04)
      .Case("mincost", 0x02)
      .Case("CS1", 0x20)
      .Case("CS2", 0x40)
      .Case("CS3", 0x60)
      .Case("CS4", 0x80)
      .Case("CS5", 0xa0)
      .Case("CS6", 0xc0)
      .Case("CS7", 0xe0)
      .Case("AF11", 0x28)
      .Case("AF12", 0x30)
      .Case("AF13", 0x38)
      .Case("AF21", 0x48)
      .Case("AF22", 0x50)
      .Case("AF23", 0x58)
      .Case("AF31", 0x68)
      .Case("AF32", 0x70)
      .Case("AF33", 0x78)
      .Case("AF41", 0x88)
      .Case("AF42", 0x90)
      .Case("AF43", 0x98)
      .Case("EF", 0xb8)
      .Default(std::nullopt);
}

llvm::StringRef familyName(Family family) {
  return family == Family::IPv4 ? "IPv4" : "IPv6";
}

} // namespace iptlint::parse
