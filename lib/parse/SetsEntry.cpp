#include "parse/SetsEntry.h"
#include "parse/RoutesValues.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::SetPart;
using ir::SetValue;
using packet::Family;
using packet::Value;

namespace {

/// The values of one part; none: the text is no such part.
using Alternatives = llvm::SmallVector<SetValue, 1>;

class EntryReader {
public:
  EntryReader(const SetShape &shape, bool wildcard, SetEntry &entry) : shape(shape), wildcard(wildcard), entry(entry) {}

  void read(llvm::StringRef text);

private:
  Alternatives part(llvm::StringRef text, size_t index);
  Alternatives addresses(llvm::StringRef text, bool rangesAllowed);
  Alternatives nets(llvm::StringRef text);
  Alternatives port(llvm::StringRef text);
  Alternatives anyPort(llvm::StringRef text);
  Alternatives interface(llvm::StringRef text);
  Alternatives within(llvm::StringRef text, SetValue value);
  std::optional<SetValue> addressRange(llvm::StringRef text, bool rangesAllowed);
  void combine(llvm::ArrayRef<Alternatives> parts);
  Alternatives refuse(llvm::StringRef at, std::string message) {
    entry.faultAt = at;
    entry.fault = std::move(message);
    return {};
  }
  Value hostBits(unsigned length) const {
    return length == width() ? 0 : packet::maxValue(packet::Field::Src, shape.family) >> length;
  }
  unsigned width() const { return packet::bits(packet::Field::Src, shape.family); }

  const SetShape &shape;
  bool wildcard;
  SetEntry &entry;
};

} // namespace

void EntryReader::read(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 3> words;
  text.split(words, ',');
  bool macMayMiss = shape.type->name == "bitmap:ip,mac" && words.size() == 1;
  if (words.size() != shape.type->dimension && !macMayMiss) {
    refuse(text, fmt::format("'{}' has {} parts; members of {} have {}", text, words.size(),
                             llvm::StringRef(shape.type->name), shape.type->dimension));
    return;
  }
  llvm::SmallVector<Alternatives, 3> parts;
  for (size_t i = 0; i != words.size(); ++i) {
    parts.push_back(part(words[i], i));
    if (parts.back().empty())
      return;
  }
  if (macMayMiss)
    parts.push_back({SetValue{0, packet::kNoMac - 1, 0}});
  combine(parts);
}

void EntryReader::combine(llvm::ArrayRef<Alternatives> parts) {
  entry.members = {{}};
  for (size_t i = 0; i != parts.size(); ++i) {
    llvm::SmallVector<std::array<SetValue, 3>, 1> longer;
    for (std::array<SetValue, 3> &member : entry.members)
      for (const SetValue &value : parts[i]) {
        member[i] = value;
        longer.push_back(member);
      }
    entry.members = std::move(longer);
  }
}

Alternatives EntryReader::part(llvm::StringRef text, size_t index) {
  switch (shape.type->parts[index]) {
  case SetPart::Address:
    return addresses(text, /*rangesAllowed=*/index == 0 && shape.family == Family::IPv4);
  case SetPart::Net:
    return nets(text);
  case SetPart::Port:
    return port(text);
  case SetPart::AnyPort:
    return anyPort(text);
  case SetPart::Interface:
    return interface(text);
  case SetPart::Mac:
    if (auto mac = parseMac(text); mac && *mac != 0)
      return {SetValue{*mac, *mac, 0}};
    return refuse(text, fmt::format("'{}' is no MAC address", text));
  case SetPart::Mark:
    if (auto mark = parseNumber(text, 0xffffffff))
      return {SetValue{*mark, *mark, 0}};
    return refuse(text, fmt::format("'{}' is no mark", text));
  case SetPart::Set:
    entry.name = text;
    return {SetValue{}};
  }
  llvm_unreachable("every part is above");
}

// --- addresses

/// One address, `a/length`, `a-b`.
std::optional<SetValue> EntryReader::addressRange(llvm::StringRef text, bool rangesAllowed) {
  text.consume_front("[");
  text.consume_back("]");
  auto [first, last] = text.split('-');
  auto [start, lengthText] = first.split('/');
  bool range = text != first, block = start != first;
  auto lo = readAddress(start, shape.family), hi = range ? readAddress(last, shape.family) : lo;
  auto length = block ? readLength(lengthText, shape.family) : width();
  if (!lo || !hi || !length || (range && block) || (range && !rangesAllowed))
    return std::nullopt;
  auto [low, high] = std::minmax(lo->value, hi->value);
  return SetValue{low & ~hostBits(*length), high | hostBits(*length), 0};
}

/// The first of IPv4 may be a range or a block, any other is one address.
/// Source: ipset 7.17, lib/parse.c, ipset_parse_ip4_single6().
Alternatives EntryReader::addresses(llvm::StringRef text, bool rangesAllowed) {
  auto value = rangesAllowed || !text.contains('/') ? addressRange(text, rangesAllowed) : std::nullopt;
  if (!value)
    return refuse(text, fmt::format("'{}' is no {} address{}", text, familyName(shape.family),
                                    rangesAllowed ? " or range of them" : ""));
  SetValue masked{value->lo & ~hostBits(shape.netmask), value->hi | hostBits(shape.netmask), 0};
  if (shape.range)
    return within(text, masked);
  if (masked.lo == 0 && shape.type->dimension == 1)
    return refuse(text, "a hash cannot hold the address of all zeros");
  return {masked};
}

Alternatives EntryReader::within(llvm::StringRef text, SetValue value) {
  if (value.lo < shape.range->lo || value.hi > shape.range->hi)
    return refuse(text, fmt::format("'{}' is not in the range of the set", text));
  return {value};
}

/// Source: net/netfilter/ipset/ip_set_hash_*.c, what each makes of a length of 0.
static bool takesEverything(const SetType &type) {
  return type.name == "hash:net,iface" || llvm::count(type.parts, SetPart::Net) == 2;
}

/// The fewest prefixes that make up a range, as the kernel stores it.
Alternatives EntryReader::nets(llvm::StringRef text) {
  auto value = addressRange(text, shape.family == Family::IPv4);
  if (!value)
    return refuse(text, fmt::format("'{}' is no {} address or prefix", text, familyName(shape.family)));
  bool everything = value->lo == 0 && value->hi == packet::maxValue(packet::Field::Src, shape.family);
  if (everything && !takesEverything(*shape.type))
    return refuse(text, fmt::format("{} takes no prefix of length 0", llvm::StringRef(shape.type->name)));
  Alternatives prefixes;
  for (Value next = value->lo;;) {
    unsigned length = 0;
    while ((next & hostBits(length)) != 0 || (next | hostBits(length)) > value->hi)
      ++length;
    prefixes.push_back({next, next | hostBits(length), 0});
    if (prefixes.back().hi == value->hi)
      return prefixes;
    next = prefixes.back().hi + 1;
  }
}

// --- ports

namespace {
struct IcmpName {
  llvm::StringLiteral name;
  uint8_t type, code;
};
} // namespace

static constexpr IcmpName kIcmp4[] = {
#define ICMP4(Name, Type, First, Last) {Name, Type, First},
#include "parse/Names.def"
};
static constexpr IcmpName kIcmp6[] = {
#define ICMP6(Name, Type, First, Last) {Name, Type, First},
#include "parse/Names.def"
};

/// Names that iptables knows for a type with all its codes, and ipset does not know.
static bool isUnknownToIpset(llvm::StringRef name, Family family) {
  static constexpr llvm::StringLiteral unknown[] = {"any", "destination-unreachable", "time-exceeded", "ttl-exceeded",
                                                    "parameter-problem"};
  return llvm::is_contained(unknown, name) || (family == Family::IPv4 && name == "redirect");
}

/// `echo-request`, `8/0`
static std::optional<unsigned> parseTypeAndCode(llvm::StringRef text, Family family) {
  for (const IcmpName &entry : family == Family::IPv4 ? llvm::makeArrayRef(kIcmp4) : llvm::makeArrayRef(kIcmp6))
    if (entry.name.equals_insensitive(text) && !isUnknownToIpset(entry.name, family))
      return entry.type * 256u + entry.code;
  auto [typeText, codeText] = text.split('/');
  auto type = parseNumber(typeText, 255), code = parseNumber(codeText, 255);
  return type && code ? std::optional<unsigned>(*type * 256 + *code) : std::nullopt;
}

static std::optional<SetValue> parsePorts(llvm::StringRef text, uint8_t protocol) {
  if (auto one = parsePort(text)) // services may have dashes in their names
    return SetValue{*one, *one, protocol};
  auto [first, last] = text.split('-');
  auto lo = parsePort(first), hi = parsePort(last);
  if (!lo || !hi)
    return std::nullopt;
  auto [low, high] = std::minmax(*lo, *hi);
  return SetValue{low, high, protocol};
}

/// Whether the kernel finds a port in packets of this protocol. Source: net/netfilter/ipset/ip_set_getport.c.
static bool hasSetPorts(unsigned protocol) {
  return protocol == packet::kTcp || protocol == packet::kUdp || protocol == packet::kSctp || protocol == packet::kUdplite;
}

/// `80` is TCP's.
Alternatives EntryReader::port(llvm::StringRef text) {
  auto [protocolText, value] = text.split(':');
  if (protocolText == text)
    value = text, protocolText = "tcp";
  auto protocol = parseProtocol(protocolText);
  if (!protocol || *protocol == 0)
    return refuse(protocolText, fmt::format("'{}' is no protocol", protocolText));
  std::optional<SetValue> read;
  if (hasSetPorts(*protocol))
    read = parsePorts(value, *protocol);
  else if (*protocol == (shape.family == Family::IPv4 ? packet::kIcmp : packet::kIcmpv6)) {
    if (auto type = parseTypeAndCode(value, shape.family))
      read = SetValue{*type, *type, uint8_t(*protocol)};
  } else if (*protocol != packet::kIcmp && *protocol != packet::kIcmpv6 && value == "0")
    read = SetValue{0, 0, uint8_t(*protocol)};
  if (!read)
    return refuse(text, fmt::format("'{}' is no port, nor ICMP type and code; other protocols have port 0", text));
  return {*read};
}

/// `80`, `80-90`; a protocol in front says only whose services' names these are.
Alternatives EntryReader::anyPort(llvm::StringRef text) {
  llvm::StringRef ports = text;
  if (!ports.consume_front("tcp:"))
    ports.consume_front("udp:");
  auto value = parsePorts(ports, 0);
  if (!value)
    return refuse(text, fmt::format("'{}' is no port or range of ports", text));
  return within(text, *value);
}

// --- interfaces

Alternatives EntryReader::interface(llvm::StringRef text) {
  entry.physdev = text.consume_front("physdev:");
  if (text.empty() || text.size() > 15)
    return refuse(text.empty() ? entry.faultAt : text, fmt::format("'{}' is no name of an interface", text));
  if (wildcard) {
    auto [lo, hi] = packet::interfacesStartingWith(text);
    return {SetValue{lo, hi, 0}};
  }
  Value name = packet::interfaceValue(text);
  return {SetValue{name, name, 0}};
}

SetEntry parseSetEntry(llvm::StringRef text, const SetShape &shape, bool wildcard) {
  SetEntry entry;
  entry.faultAt = text;
  EntryReader(shape, wildcard, entry).read(text);
  return entry;
}

std::optional<SetValue> parseSetRange(llvm::StringRef text, const SetType &type) {
  if (type.parts[0] == SetPart::AnyPort)
    return parsePorts(text, 0);
  auto [first, last] = text.split('-');
  auto block = parseAddressBlock(first, Family::IPv4);
  auto end = first == text ? block : parseAddressBlock(last, Family::IPv4);
  if (!block || !end)
    return std::nullopt;
  Value high = first == text ? block->address | (~block->mask & 0xffffffff) : end->address;
  return SetValue{block->address, high, 0};
}

} // namespace iptlint::parse
