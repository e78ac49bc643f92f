// Values that are addresses, networks, and what NAT makes of them. Names of hosts are taken for what the resolver
// knows; it is never asked.
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

namespace iptlint::parse {

using packet::Family;
using packet::Value;

bool isMac(llvm::StringRef text, const Option &, Family) {
  return parseMac(text).has_value();
}

bool isMulticastMac(llvm::StringRef text, const Option &, Family) {
  auto mac = parseMac(text);
  return mac && (*mac >> 40 & 1);
}

bool isHost(llvm::StringRef text, const Option &, Family family) {
  return !text.contains('/') && (parseAddressBlock(text, family) || isHostName(text));
}

/// Packets cannot be sent to no address.
bool isGateway(llvm::StringRef text, const Option &option, Family family) {
  auto block = parseAddressBlock(text, family);
  return isHost(text, option, family) && (!block || block->address != 0);
}

/// In IPv4 a number above 32 is the last byte of a mask, which the kernel takes.
bool isMaskLength(llvm::StringRef text, const Option &, Family family) {
  llvm::SmallString<64> block = {family == Family::IPv4 ? "255.255.255.255/" : "::1/", text};
  return parseAddressBlock(block, family) || (family == Family::IPv4 && parseNumber(text, 0xffffffff));
}

bool isNetwork(llvm::StringRef text, const Option &option, Family family) {
  auto [host, mask] = text.split('/');
  return isHost(host, option, family) && (host == text || isMaskLength(mask, option, family));
}

/// The ones in front of a mask without gaps.
static std::optional<unsigned> prefixLength(Value mask, Family family) {
  Value holes = ~mask & packet::maxValue(packet::Field::Src, family);
  if (holes & (holes + 1))
    return std::nullopt;
  unsigned length = packet::bits(packet::Field::Src, family);
  for (; holes; holes >>= 1)
    --length;
  return length;
}

bool isPrefixLength(llvm::StringRef text, const Option &, Family family) {
  bool four = family == Family::IPv4;
  llvm::SmallString<64> block = {four ? "255.255.255.255/" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/", text};
  auto parsed = parseAddressBlock(block, family);
  return parsed && prefixLength(parsed->mask, family);
}

/// Source: net/ipv6/netfilter/ip6t_NPT.c, ip6t_npt_checkentry().
bool isTranslatedPrefix(llvm::StringRef text, const Option &, Family family) {
  constexpr unsigned kMost = 64;
  auto [address, mask] = text.split('/');
  auto whole = parseAddressBlock(address, family), block = parseAddressBlock(text, family);
  if (!whole || !block)
    return isHostName(address) && address != text;
  auto length = prefixLength(block->mask, family);
  return length && *length <= kMost && whole->address == block->address;
}

bool isAddressList6(llvm::StringRef text, const Option &, Family family) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',');
  Value address = 0;
  return llvm::all_of(members, [&](llvm::StringRef member) { return packet::parseAddress(member, family, address); });
}

/// `80`, `80-90`, `80-90/85`; the first alone may be a service. Source: libxt_NAT.c, parse_ports().
bool isNatPorts(llvm::StringRef text, const Option &, Family) {
  if (parsePort(text))
    return true;
  auto [range, base] = text.split('/');
  auto [first, last] = range.split('-');
  auto lo = parseNumber(first, 0xffff), hi = parseNumber(last, 0xffff);
  bool based = range != text;
  return lo && hi && *lo <= *hi && (!based || parsePort(base).value_or(0) != 0);
}

/// Where the ports of a value begin: behind the only colon, or one behind a bracket.
static size_t colonBeforePorts(llvm::StringRef text) {
  if (text.contains('['))
    return text.find(':', text.find(']'));
  size_t colon = text.find(':');
  return colon == llvm::StringRef::npos || text.find(':', colon + 1) == llvm::StringRef::npos ? colon
                                                                                              : llvm::StringRef::npos;
}

bool namesPorts(llvm::StringRef text, const Option &option) {
  return option.value == ValueKind::NatPorts ||
         (option.value == ValueKind::NatAddresses && colonBeforePorts(text) != llvm::StringRef::npos);
}

/// Source: libxt_NAT.c, parse_to().
bool isNatAddresses(llvm::StringRef text, const Option &option, Family family) {
  size_t colon = colonBeforePorts(text);
  llvm::StringRef addresses = text.take_front(colon);
  if (text.contains('[')) {
    if (family == Family::IPv4 || !text.contains(']'))
      return false;
    addresses = text.slice(text.find('[') + 1, text.find(']'));
  }
  if (colon != llvm::StringRef::npos && !isNatPorts(text.drop_front(colon + 1), option, family))
    return false;
  if (colon != llvm::StringRef::npos && addresses.empty())
    return true;
  auto [first, last] = addresses.split('-');
  Value address = 0;
  return packet::parseAddress(first, family, address) &&
         (first == addresses || packet::parseAddress(last, family, address));
}

} // namespace iptlint::parse
