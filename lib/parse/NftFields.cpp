#include "parse/NftFields.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace iptlint::parse {

using ir::Interval;
using ir::Value;
using packet::Family;
using packet::Field;

// Source: nftables' src/rt.c and meta.c, and the kernel's rtnetlink.h and if_packet.h.
static constexpr llvm::StringLiteral kAddressTypes[] = {"unspec",    "unicast",   "local",       "broadcast", "anycast",
                                                        "multicast", "blackhole", "unreachable", "prohibit"};
static constexpr llvm::StringLiteral kPacketTypes[] = {"host", "broadcast", "multicast", "other"};
static constexpr llvm::StringLiteral kDirections[] = {"original", "reply"};

// --- expressions

static std::optional<unsigned> protocolOfHeader(llvm::StringRef header) {
  int number = llvm::StringSwitch<int>(header)
                   .Case("tcp", packet::kTcp)
                   .Case("udp", packet::kUdp)
                   .Case("udplite", packet::kUdplite)
                   .Case("sctp", packet::kSctp)
                   .Case("dccp", packet::kDccp)
                   .Case("icmp", packet::kIcmp)
                   .Case("icmpv6", packet::kIcmpv6)
                   .Default(-1);
  return number < 0 ? std::nullopt : std::optional<unsigned>(number);
}

static std::optional<NftField> ofNetworkHeader(llvm::StringRef name, Family family) {
  if (name == "saddr")
    return NftField{.field = Field::Src, .kind = NftValueKind::Address};
  if (name == "daddr")
    return NftField{.field = Field::Dst, .kind = NftValueKind::Address};
  if (name == "dscp")
    return NftField{.field = Field::Tos, .shift = 2};
  if (name == (family == Family::IPv4 ? "ttl" : "hoplimit"))
    return NftField{.field = Field::Ttl};
  if (name == "frag-off" && family == Family::IPv4)
    return NftField{.field = Field::Fragment, .kind = NftValueKind::FragOff};
  return std::nullopt;
}

static std::optional<NftField> ofTransportHeader(llvm::StringRef header, llvm::StringRef name) {
  std::optional<unsigned> protocol = protocolOfHeader(header);
  NftField field{.protocol = protocol, .inTransport = true};
  bool ofIcmp = header == "icmp" || header == "icmpv6";
  if (ofIcmp && name == "type") {
    field.field = Field::Icmp;
    field.shift = 8; // the code
    return field;
  }
  if (header == "tcp" && name == "flags")
    field.field = Field::TcpFlags;
  else if (!ofIcmp && name == "sport")
    field.field = Field::Sport;
  else if (!ofIcmp && name == "dport")
    field.field = Field::Dport;
  else
    return std::nullopt;
  return field;
}

/// What stands at a place of a header.
static std::optional<NftField> ofBytes(llvm::StringRef place, Family family, std::optional<unsigned> protocol) {
  if (place == "@nh,8,8" && family == Family::IPv4)
    return NftField{.field = Field::Tos};
  if (place != "@th,0,16" || !protocol)
    return std::nullopt;
  NftField field{.protocol = protocol, .inTransport = true};
  if (*protocol == (family == Family::IPv4 ? packet::kIcmp : packet::kIcmpv6))
    field.field = Field::Icmp;
  else if (packet::hasPorts(*protocol))
    field.field = Field::Sport;
  else
    return std::nullopt;
  return field;
}

static std::optional<NftField> ofMeta(llvm::StringRef name) {
  if (name == "l4proto")
    return NftField{.field = Field::Proto, .kind = NftValueKind::Protocol};
  if (name == "mark")
    return NftField{.field = Field::Mark};
  if (name == "length")
    return NftField{.field = Field::Length};
  if (name == "pkttype")
    return NftField{.field = Field::PktType, .kind = NftValueKind::Name, .names = kPacketTypes};
  if (name == "skuid")
    return NftField{.field = Field::Uid};
  if (name == "skgid")
    return NftField{.field = Field::Gid};
  return std::nullopt;
}

/// All but the state fail for a packet that conntrack has no flow for. Source: net/netfilter/nft_ct.c,
/// nft_ct_get_eval().
static std::optional<NftField> ofConntrack(llvm::StringRef name) {
  if (name == "state")
    return NftField{.field = Field::CtState, .kind = NftValueKind::State};
  if (name == "status")
    return NftField{.field = Field::CtStatus, .kind = NftValueKind::Status, .needsFlow = true};
  if (name == "mark")
    return NftField{.field = Field::ConnMark, .needsFlow = true};
  if (name == "direction")
    return NftField{.field = Field::CtReply, .kind = NftValueKind::Name, .needsFlow = true, .names = kDirections};
  return std::nullopt;
}

std::optional<NftField> nftFieldOf(const NftValue &words, Family family, std::optional<unsigned> protocol) {
  llvm::StringRef first = words[0], second = words.size() > 1 ? words[1] : llvm::StringRef();
  if (first == (family == Family::IPv4 ? "ip" : "ip6"))
    return ofNetworkHeader(second, family);
  if (first == "th" || protocolOfHeader(first))
    return ofTransportHeader(first, second);
  if (first == "meta")
    return ofMeta(second);
  if (first == "ct")
    return ofConntrack(second);
  if (first == "iifname" || first == "oifname")
    return NftField{.field = first == "iifname" ? Field::In : Field::Out, .kind = NftValueKind::Interface};
  if (first == "fib" && (second == "saddr" || second == "daddr"))
    return NftField{.field = second == "saddr" ? Field::SrcType : Field::DstType,
                    .kind = NftValueKind::Name,
                    .names = kAddressTypes};
  if (first == "ether" && second == "saddr")
    return NftField{.field = Field::Mac, .kind = NftValueKind::Mac};
  if (first.startswith("@"))
    return ofBytes(first, family, protocol);
  return std::nullopt;
}

// --- values

std::optional<uint64_t> nftNumber(llvm::StringRef text, uint64_t most) {
  uint64_t number = 0;
  bool wrong = text.startswith("0x") ? text.drop_front(2).getAsInteger(16, number) : text.getAsInteger(10, number);
  return wrong || number > most ? std::nullopt : std::optional(number);
}

static std::optional<NftRanges> numbers(const NftField &field, llvm::StringRef text, Family family) {
  auto [first, last] = text.split('-');
  constexpr uint64_t kMost = 0xffffffff; // what stands above in Uid and Gid is no user
  uint64_t most = std::min(uint64_t(packet::maxValue(field.field, family)), kMost) >> field.shift;
  auto lo = nftNumber(first, most), hi = first == text ? lo : nftNumber(last, most);
  if (!lo || !hi || *lo > *hi)
    return std::nullopt;
  return NftRanges{{Value(*lo) << field.shift, (Value(*hi + 1) << field.shift) - 1}};
}

static std::optional<NftRanges> addresses(llvm::StringRef text, Family family) {
  auto [first, last] = text.split('-');
  if (first != text) {
    Value lo = 0, hi = 0;
    bool known = packet::parseAddress(first, family, lo) && packet::parseAddress(last, family, hi);
    return known && lo <= hi ? std::optional(NftRanges{{lo, hi}}) : std::nullopt;
  }
  auto block = parseAddressBlock(text, family);
  auto range = block ? rangesOf(*block, family, 1) : std::nullopt;
  return range ? std::optional(NftRanges(range->begin(), range->end())) : std::nullopt;
}

static std::optional<NftRanges> interfaces(llvm::StringRef text) {
  constexpr size_t kLongest = 15;
  bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
  llvm::StringRef name = quoted ? text.drop_front().drop_back() : text;
  bool prefix = name.consume_back("*");
  if (name.size() > kLongest || name.contains('*') || name.contains('\\') || (name.empty() && !prefix))
    return std::nullopt;
  if (!prefix)
    return NftRanges{{packet::interfaceValue(name), packet::interfaceValue(name)}};
  auto [lo, hi] = packet::interfacesStartingWith(name);
  return NftRanges{{lo, hi}};
}

static std::optional<NftRanges> protocols(llvm::StringRef text) {
  constexpr unsigned kMost = 255;
  auto [first, last] = text.split('-');
  auto number = [&](llvm::StringRef one) -> std::optional<uint64_t> {
    if (one == "ipv6-icmp")
      return packet::kIcmpv6;
    if (auto known = protocolOfHeader(one))
      return *known;
    return nftNumber(one, kMost);
  };
  bool isRange = !last.empty() && !number(text);
  auto lo = number(isRange ? first : text), hi = isRange ? number(last) : lo;
  if (!lo || !hi || *lo > *hi)
    return std::nullopt;
  return NftRanges{{*lo, *hi}};
}

/// Each state with all that translation may have made of it.
static std::optional<NftRanges> states(llvm::StringRef text) {
  using packet::CtState;
  static constexpr std::pair<llvm::StringLiteral, CtState> withFlow[] = {
      {"new", CtState::New}, {"established", CtState::Established}, {"related", CtState::Related}};
  static constexpr std::pair<llvm::StringLiteral, CtState> without[] = {{"invalid", CtState::Invalid},
                                                                        {"untracked", CtState::Untracked}};
  constexpr unsigned kTranslations = 4;
  for (auto [name, state] : withFlow)
    if (text == name)
      return NftRanges{{Value(state), Value(state) + kTranslations - 1}};
  for (auto [name, state] : without)
    if (text == name)
      return NftRanges{{Value(state), Value(state)}};
  return std::nullopt;
}

std::optional<NftRanges> nftValuesOf(const NftField &field, llvm::StringRef text, Family family) {
  switch (field.kind) {
  case NftValueKind::Number:
    return numbers(field, text, family);
  case NftValueKind::Address:
    return addresses(text, family);
  case NftValueKind::Interface:
    return interfaces(text);
  case NftValueKind::Protocol:
    return protocols(text);
  case NftValueKind::State:
    return states(text);
  case NftValueKind::Mac: {
    auto mac = parseMac(text);
    return mac ? std::optional(NftRanges{{*mac, *mac}}) : std::nullopt;
  }
  case NftValueKind::Name: {
    const auto *found = llvm::find(field.names, text);
    Value index = found - field.names.begin();
    return found == field.names.end() ? std::nullopt : std::optional(NftRanges{{index, index}});
  }
  case NftValueKind::Status:
  case NftValueKind::FragOff:
    return std::nullopt;
  }
  return std::nullopt;
}

} // namespace iptlint::parse
