#include "report/Values.h"
#include "packet/Usual.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::report {

using packet::Family;
using packet::Field;
using packet::Value;

static bool isAmong(Field field, std::initializer_list<Field> fields) {
  return llvm::any_of(fields, [&](Field each) { return each == field; });
}

static bool isAddress(Field field) {
  return isAmong(field,
                 {Field::Src, Field::Dst, Field::CtOrigSrc, Field::CtOrigDst, Field::CtReplSrc, Field::CtReplDst});
}

static bool isInterfaceName(Field field) {
  return isAmong(field, {Field::In, Field::Out, Field::PhysIn, Field::PhysOut});
}

static std::string hexadecimal(Value value) {
  std::string digits;
  do
    digits.insert(digits.begin(), "0123456789abcdef"[unsigned(value & 15)]);
  while (value >>= 4);
  return "0x" + digits;
}

// --- one value

static std::string fragmentText(Value value) {
  static constexpr const char *names[] = {"whole", "first fragment", "atomic fragment", "later fragment",
                                          "last fragment"};
  return names[unsigned(value)];
}

static std::string single(Field field, Value value, Family family) {
  packet::Packet packet;
  packet.family = family;
  packet[field] = value;
  if (isAddress(field))
    return packet::addressText(value, family);
  if (isInterfaceName(field))
    return value == 0 ? "none" : packet::interfaceName(value);
  switch (field) {
  case Field::Proto:
    return packet::protocolText(unsigned(value));
  case Field::CtState:
    return packet::ctstateText(unsigned(value));
  case Field::Fragment:
    return fragmentText(value);
  case Field::Mark:
  case Field::ConnMark:
    return hexadecimal(value);
  case Field::Icmp:
    return fmt::format("{}/{}", unsigned(value >> 8), unsigned(value & 255));
  case Field::SrcType:
  case Field::DstType:
    return packet::name(packet::AddrType(uint8_t(value))).str();
  case Field::Mac:
    return value == packet::kNoMac ? "none" : packet::macText(value);
  case Field::Hook:
    return packet::name(packet::Hook(uint8_t(value))).str();
  default:
    return field >= Field::Tos ? packet::valueText(field, packet) : fmt::format("{}", uint64_t(value));
  }
}

// --- several

static std::string addresses(Value lo, Value hi, Family family) {
  unsigned bits = family == Family::IPv4 ? 32 : 128, length = bits;
  Value size = hi - lo;
  while (length != 0 && size >> (bits - length) != 0)
    --length;
  bool isPrefix = (size & (size + 1)) == 0 && (lo & size) == 0;
  if (isPrefix)
    return fmt::format("{}/{}", packet::addressText(lo, family), length);
  return packet::addressText(lo, family) + "-" + packet::addressText(hi, family);
}

/// "eth+" for the last value that begins with these letters, the name itself for a name; "" for neither.
static std::string nameOrPrefix(Value value) {
  if (packet::isInterface(value))
    return packet::interfaceName(value);
  std::string name = packet::interfaceName(value);
  while (!name.empty() && uint8_t(name.back()) == 0xff)
    name.pop_back();
  return packet::interfacesStartingWith(name).second == value ? name + "+" : "";
}

static std::string interfaces(Value lo, Value hi) {
  std::string last = nameOrPrefix(hi);
  if (!last.empty() && last.back() == '+' &&
      packet::interfacesStartingWith(llvm::StringRef(last).drop_back()).first == lo)
    return last;
  if (lo <= 1 && hi == ~Value(0))
    return lo == 0 ? "any or none" : "any";
  std::string begin = lo == 0 ? "none" : lo == 1 ? "" : "after " + nameOrPrefix(lo - 1);
  if (lo > 1 && packet::isInterface(lo))
    begin = "from " + packet::interfaceName(lo);
  std::string end = hi == ~Value(0) ? "" : last.empty() ? "before " + nameOrPrefix(hi + 1) : "up to " + last;
  return begin.empty() || end.empty() ? begin + end : begin + ", " + end;
}

/// States come in fours: with and without translation. A four that is there as a whole has one name.
static std::string states(Value lo, Value hi) {
  std::string text;
  for (unsigned state = unsigned(lo); state <= unsigned(hi);) {
    bool four = state % 4 == 0 && state + 3 <= hi && state < unsigned(packet::CtState::Invalid);
    text += (text.empty() ? "" : "; ") + packet::ctstateText(state);
    state += four ? 4 : 1;
  }
  return text;
}

static std::string each(Field field, Value lo, Value hi, Family family) {
  std::string text;
  for (Value value = lo; value <= hi; ++value)
    text += (text.empty() ? "" : ", ") + single(field, value, family);
  return text;
}

std::string valuesText(Field field, Value lo, Value hi, Family family) {
  if (lo == hi)
    return single(field, lo, family);
  if (isAddress(field))
    return addresses(lo, hi, family);
  if (isInterfaceName(field))
    return interfaces(lo, hi);
  if (field == Field::CtState)
    return states(lo, hi);
  if (isAmong(field, {Field::Fragment, Field::SrcType, Field::DstType, Field::PktType, Field::Hook}))
    return each(field, lo, hi, family);
  if (field == Field::Icmp && (lo & 255) == 0 && hi == (lo | 255))
    return fmt::format("{}", unsigned(lo >> 8));
  return single(field, lo, family) + "-" + single(field, hi, family);
}

std::string valueText(Field field, Value value, Family family) {
  if (isAddress(field))
    return packet::addressText(value, family);
  return isInterfaceName(field) ? hexadecimal(value) : fmt::format("{}", uint64_t(value));
}

} // namespace iptlint::report
