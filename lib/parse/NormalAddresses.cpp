// Addresses, their masks and ranges as iptables-save writes them.
#include "parse/NormalForms.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse::normal {

using packet::Family;
using packet::Field;
using packet::Value;

std::string maskText(Value mask, Family family) {
  Value all = packet::maxValue(Field::Src, family), holes = ~mask & all;
  if ((holes & (holes + 1)) != 0)
    return packet::addressText(mask, family);
  unsigned length = packet::bits(Field::Src, family);
  for (; holes != 0; holes >>= 1)
    --length;
  return fmt::format("{}", length);
}

static std::optional<Value> addressOf(llvm::StringRef text, Family family) {
  auto block = parseAddressBlock(text, family);
  if (!block || text.contains('/'))
    return std::nullopt;
  return block->address;
}

static Text addressOr(const Input &input, Value otherwise) {
  if (input.first().empty())
    return packet::addressText(otherwise, input.family);
  auto value = addressOf(input.first(), input.family);
  return value ? Text(packet::addressText(*value, input.family)) : std::nullopt;
}

Text address(const Input &input) {
  return addressOr(input, 0);
}
Text hostMask(const Input &input) {
  return addressOr(input, packet::maxValue(Field::Src, input.family));
}

namespace {
struct Network {
  Value address, mask;
};
} // namespace

/// Unlike a -s, these keep the bits that the mask leaves out; a mask whose ones are not contiguous is read as that of
/// one host. Source: iptables 1.8.9, libxtables/xtoptions.c, xtopt_parse_plenmask().
static std::optional<Network> networkOf(const Input &input) {
  auto [first, second] = input.first().split('/');
  Value all = packet::maxValue(Field::Src, input.family);
  auto value = addressOf(first, input.family);
  if (!value || first == input.first())
    return value ? std::optional(Network{*value, all}) : std::nullopt;
  auto block = parseAddressBlock(packet::addressText(0, input.family) + "/" + second.str(), input.family);
  if (!block)
    return std::nullopt;
  Value holes = ~block->mask & all;
  return Network{*value, (holes & (holes + 1)) == 0 ? block->mask : all};
}

Text network(const Input &input) {
  auto found = networkOf(input);
  if (!found)
    return std::nullopt;
  std::string out = packet::addressText(found->address, input.family);
  bool oneHost = found->mask == packet::maxValue(Field::Src, input.family);
  return oneHost ? out : out + "/" + maskText(found->mask, input.family);
}

Text networkLength(const Input &input) {
  auto found = networkOf(input);
  if (!found)
    return std::nullopt;
  return packet::addressText(found->address, input.family) + "/" + maskText(found->mask, input.family);
}

Text clearedNetwork(const Input &input) {
  auto found = networkOf(input);
  if (!found)
    return std::nullopt;
  return packet::addressText(found->address & found->mask, input.family) + "/" + maskText(found->mask, input.family);
}

Text prefixLength(const Input &input) {
  auto block = parseAddressBlock(packet::addressText(0, input.family) + "/" + input.first().str(), input.family);
  return block ? Text(maskText(block->mask, input.family)) : std::nullopt;
}

Text addressRange(const Input &input) {
  auto [first, last] = input.first().split('-');
  auto lo = addressOf(first, input.family), hi = first == input.first() ? lo : addressOf(last, input.family);
  if (!lo || !hi)
    return std::nullopt;
  return packet::addressText(*lo, input.family) + "-" + packet::addressText(*hi, input.family);
}

Text addressList(const Input &input) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  input.first().split(members, ',');
  std::string out;
  for (llvm::StringRef member : members) {
    auto value = addressOf(member, input.family);
    if (!value)
      return std::nullopt;
    out += (out.empty() ? "" : ",") + packet::addressText(*value, input.family);
  }
  return out;
}

/// The address part of a NAT range: `first` or `first-last`.
static Text natAddresses(llvm::StringRef text, Family family) {
  auto [first, last] = text.split('-');
  auto lo = addressOf(first, family), hi = last.empty() ? lo : addressOf(last, family);
  if (!lo || !hi)
    return std::nullopt;
  std::string out = packet::addressText(*lo, family);
  return *lo == *hi ? out : out + "-" + packet::addressText(*hi, family);
}

/// `[addresses][:ports]`; addresses of IPv6 in brackets where ports follow.
Text natRange(const Input &input) {
  llvm::StringRef addresses = input.first(), ports;
  if (addresses.consume_front("[")) {
    std::tie(addresses, ports) = addresses.split(']');
    ports.consume_front(":");
  } else if (addresses.count(':') == 1) {
    std::tie(addresses, ports) = addresses.split(':');
  }
  Text before = std::string(), behind = std::string();
  if (!addresses.empty())
    before = natAddresses(addresses, input.family);
  if (!ports.empty())
    behind = natPorts({ports, input.family});
  if (!before || !behind)
    return std::nullopt;
  if (ports.empty())
    return before;
  bool brackets = input.family == Family::IPv6 && !before->empty();
  return (brackets ? "[" + *before + "]" : *before) + ":" + *behind;
}

Text mac(const Input &input) {
  auto value = parseMac(input.first());
  if (!value)
    return std::nullopt;
  std::string out;
  for (int shift = 40; shift >= 0; shift -= 8)
    out += fmt::format("{}{:02x}", out.empty() ? "" : ":", unsigned(*value >> shift & 0xff));
  return out;
}

} // namespace iptlint::parse::normal
