#include "emit/NftRule.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::emit {

using ir::Field;
using ir::Value;
using packet::Family;

// --- values

/// How many leading bits all values of the range share, where it is all values that share them; nothing for others.
static std::optional<unsigned> prefixLength(ir::Interval range, unsigned bits) {
  Value differ = range.lo ^ range.hi;
  if ((differ & (differ + 1)) != 0 || (range.lo & differ) != 0)
    return std::nullopt;
  unsigned length = bits;
  for (; differ != 0; differ >>= 1)
    --length;
  return length;
}

static std::string addressRange(ir::Interval range, Family family) {
  unsigned bits = packet::bits(Field::Src, family);
  std::string lo = packet::addressText(range.lo, family);
  if (range.lo == range.hi)
    return lo;
  if (auto length = prefixLength(range, bits))
    return fmt::format("{}/{}", lo, *length);
  return lo + "-" + packet::addressText(range.hi, family);
}

/// By name only where every nft has that name.
static std::string protocolName(Value number) {
  for (unsigned known : {packet::kTcp, packet::kUdp, packet::kIcmp, packet::kIcmpv6})
    if (number == known)
      return packet::protocolText(known);
  return std::to_string(unsigned(number));
}

static std::string numberRange(ir::Interval range) {
  std::string lo = std::to_string(uint64_t(range.lo));
  return range.lo == range.hi ? lo : lo + "-" + std::to_string(uint64_t(range.hi));
}

static std::string markRange(ir::Interval range) {
  std::string lo = fmt::format("{:#x}", uint32_t(range.lo));
  return range.lo == range.hi ? lo : lo + fmt::format("-{:#x}", uint32_t(range.hi));
}

std::string nftValue(const NftKey &key, Family family) {
  switch (key.field) {
  case Field::Src:
  case Field::Dst:
    return addressRange(key.value, family);
  case Field::In:
  case Field::Out:
    return '"' + packet::interfaceName(key.value.lo) + '"';
  case Field::Proto:
    return key.value.lo == key.value.hi ? protocolName(key.value.lo) : numberRange(key.value);
  case Field::Mark:
  case Field::ConnMark:
    return markRange(key.value);
  default:
    return numberRange(key.value);
  }
}

bool nftCanBeKey(const NftKey &key) {
  switch (key.field) {
  case Field::In:
  case Field::Out:
    return key.value.lo == key.value.hi && key.value.lo != 0;
  case Field::Src:
  case Field::Dst:
  case Field::Proto:
  case Field::Sport:
  case Field::Dport:
  case Field::Mark:
    return true;
  default:
    return false;
  }
}

// --- selectors

/// The header that ports are asked of; `th` reads them without asking for the protocol.
static llvm::StringRef transportName(std::optional<unsigned> protocol) {
  switch (protocol.value_or(0)) {
  case packet::kTcp:
    return "tcp";
  case packet::kUdp:
    return "udp";
  case packet::kSctp:
    return "sctp";
  case packet::kDccp:
    return "dccp";
  case packet::kUdplite:
    return "udplite";
  default:
    return "th";
  }
}

std::string nftSelector(Field field, std::optional<unsigned> protocol, Family family) {
  llvm::StringRef header = family == Family::IPv4 ? "ip" : "ip6";
  switch (field) {
  case Field::In:
    return "iifname";
  case Field::Out:
    return "oifname";
  case Field::Src:
    return (header + " saddr").str();
  case Field::Dst:
    return (header + " daddr").str();
  case Field::Proto:
    return "meta l4proto";
  case Field::Sport:
    return (transportName(protocol) + " sport").str();
  case Field::Dport:
    return (transportName(protocol) + " dport").str();
  case Field::Mark:
    return "meta mark";
  default:
    return "";
  }
}

// --- rules

static std::string partText(const NftPart &part, const NftRule &rule, Family family) {
  if (!part.key)
    return part.text;
  return nftSelector(part.key->field, rule.protocol, family) + " " + nftValue(*part.key, family);
}

std::string nftRuleText(const NftRule &rule, Family family) {
  std::vector<std::string> words;
  for (const NftPart &part : rule.parts)
    words.push_back(partText(part, rule, family));
  if (!rule.statement.empty())
    words.push_back(rule.statement);
  return llvm::join(words, " ");
}

} // namespace iptlint::emit
