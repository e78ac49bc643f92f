// Names, and lists of names for numbers, as iptables-save writes them.
#include "parse/NormalForms.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::parse::normal {

using Names = llvm::ArrayRef<llvm::StringLiteral>;

/// A text that stands in quotes, which its own quotes and backslashes must not end.
static std::string inQuotes(llvm::StringRef text, llvm::StringRef escaped) {
  std::string out = "\"";
  for (char c : text) {
    if (escaped.contains(c))
      out += '\\';
    out += c;
  }
  return out + '"';
}

Text text(const Input &input) {
  llvm::StringRef written = input.first();
  bool plain = !written.empty() && written.find_first_of(" \t\"\\'") == llvm::StringRef::npos;
  return plain ? Text(written.str()) : std::nullopt;
}

Text quoted(const Input &input) {
  llvm::StringRef written = input.first();
  bool plain =
      !written.empty() && llvm::all_of(written, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-'; });
  return plain ? written.str() : inQuotes(written, "\"\\'");
}

Text inQuotes(const Input &input) {
  return inQuotes(input.first(), "\"\\");
}
Text upperCase(const Input &input) {
  return input.first().upper();
}
Text lowerCase(const Input &input) {
  return input.first().lower();
}

/// `NAME src,dst`
Text setAndDirections(const Input &input) {
  if (input.values.size() != 2)
    return std::nullopt;
  return input.values[0].str() + " " + input.values[1].lower();
}

/// The index of a name, or with \p abbreviated of the first that begins so, in any case.
static std::optional<unsigned> indexOf(llvm::StringRef name, Names names, bool abbreviated) {
  for (unsigned i = 0; i != names.size(); ++i)
    if (!name.empty() && (abbreviated ? names[i].startswith_insensitive(name) : names[i].equals_insensitive(name)))
      return i;
  return std::nullopt;
}

/// A bit for each member of a list.
static std::optional<uint32_t> bitsOf(llvm::StringRef list, Names names, bool abbreviated) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  list.split(members, ',');
  uint32_t bits = 0;
  for (llvm::StringRef member : members) {
    auto index = indexOf(member, names, abbreviated);
    if (!index)
      return std::nullopt;
    bits |= 1u << *index;
  }
  return bits;
}

static std::string listOf(uint32_t bits, Names names) {
  std::string out;
  for (unsigned i = 0; i != names.size(); ++i)
    if (bits >> i & 1)
      out += (out.empty() ? "" : ",") + names[i].str();
  return out;
}

static Text sortedList(const Input &input, Names names, bool abbreviated) {
  auto bits = bitsOf(input.first(), names, abbreviated);
  return bits ? Text(listOf(*bits, names)) : std::nullopt;
}

Text syn(const Input &) {
  return "FIN,SYN,RST,ACK SYN";
}

static Text tcpFlagList(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
  constexpr uint32_t kAll = 0x3f;
  uint32_t bits = 0;
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef member : members)
    if (auto index = indexOf(member, names, /*abbreviated=*/false))
      bits |= 1u << *index;
    else if (member.equals_insensitive("ALL"))
      bits |= kAll;
    else if (!member.equals_insensitive("NONE"))
      return std::nullopt;
  return bits == 0 ? "NONE" : listOf(bits, names);
}

Text tcpFlags(const Input &input) {
  if (input.values.size() != 2)
    return std::nullopt;
  Text mask = tcpFlagList(input.values[0]), set = tcpFlagList(input.values[1]);
  return mask && set ? Text(*mask + " " + *set) : std::nullopt;
}

Text ctStates(const Input &input) {
  static constexpr llvm::StringLiteral names[] = {"INVALID",   "NEW",  "RELATED", "ESTABLISHED",
                                                  "UNTRACKED", "SNAT", "DNAT"};
  return sortedList(input, names, /*abbreviated=*/true);
}

Text ctStatuses(const Input &input) {
  static constexpr llvm::StringLiteral names[] = {"EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED", "NONE"};
  constexpr uint32_t kNone = 1u << 4;
  auto bits = bitsOf(input.first(), names, /*abbreviated=*/true);
  if (!bits)
    return std::nullopt;
  return listOf(*bits == kNone ? kNone : *bits & ~kNone, names);
}

Text ctEvents(const Input &input) {
  static constexpr llvm::StringLiteral names[] = {"new",       "related", "destroy", "reply",      "assured",
                                                  "protoinfo", "helper",  "mark",    "natseqinfo", "secmark"};
  return sortedList(input, names, /*abbreviated=*/false);
}

Text addressTypes(const Input &input) {
  llvm::SmallVector<llvm::StringRef, 4> members;
  input.first().split(members, ',');
  uint32_t bits = 0;
  for (llvm::StringRef member : members) {
    unsigned type = 0;
    while (type != packet::kAddrTypeCount && !packet::name(packet::AddrType(type)).startswith_insensitive(member))
      ++type;
    if (member.empty() || type == packet::kAddrTypeCount)
      return std::nullopt;
    bits |= 1u << type;
  }
  std::string out;
  for (unsigned type = 0; type != packet::kAddrTypeCount; ++type)
    if (bits >> type & 1)
      out += (out.empty() ? "" : ",") + packet::name(packet::AddrType(type)).str();
  return out;
}

Text dccpTypes(const Input &input) {
  static constexpr llvm::StringLiteral names[] = {"REQUEST", "RESPONSE", "DATA", "ACK",     "DATAACK", "CLOSEREQ",
                                                  "CLOSE",   "RESET",    "SYNC", "SYNCACK", "INVALID"};
  return sortedList(input, names, /*abbreviated=*/false);
}

namespace {
struct Chunk {
  llvm::StringLiteral name;
  unsigned type;
};
} // namespace

/// Source: libxt_sctp.c, sctp_chunk_names[].
static constexpr Chunk kChunks[] = {
    {"DATA", 0},          {"INIT", 1},           {"INIT_ACK", 2},    {"SACK", 3},         {"HEARTBEAT", 4},
    {"HEARTBEAT_ACK", 5}, {"ABORT", 6},          {"SHUTDOWN", 7},    {"SHUTDOWN_ACK", 8}, {"ERROR", 9},
    {"COOKIE_ECHO", 10},  {"COOKIE_ACK", 11},    {"ECN_ECNE", 12},   {"ECN_CWR", 13},     {"SHUTDOWN_COMPLETE", 14},
    {"I_DATA", 64},       {"ASCONF_ACK", 128},   {"RE_CONFIG", 130}, {"PAD", 132},        {"FORWARD_TSN", 192},
    {"ASCONF", 193},      {"I_FORWARD_TSN", 194}};

/// The flags of a chunk from the highest to the lowest: `:uBE`, capital where set. Nothing where it has no such flag.
static Text chunkFlags(const Chunk &chunk, llvm::StringRef flags) {
  llvm::StringRef valid = chunk.name == "DATA" || chunk.name == "I_DATA"               ? "IUBE"
                          : chunk.name == "ABORT" || chunk.name == "SHUTDOWN_COMPLETE" ? "T"
                                                                                       : "";
  std::string out;
  for (char name : valid) {
    size_t at = flags.find_last_of(std::string{name, llvm::toLower(name)});
    if (at != llvm::StringRef::npos)
      out += flags[at];
  }
  bool known = flags.find_first_not_of((valid + valid.lower()).str()) == llvm::StringRef::npos;
  return known ? Text(out.empty() ? out : ":" + out) : std::nullopt;
}

/// `any LIST`, `all LIST`, `only LIST`
Text sctpChunks(const Input &input) {
  if (input.values.size() != 2)
    return std::nullopt;
  std::string kind = input.values[0].lower();
  llvm::StringRef list = input.values[1];
  if (list.equals_insensitive("ALL") || list.equals_insensitive("NONE"))
    return kind + " " + list.upper();
  llvm::SmallVector<llvm::StringRef, 8> members;
  list.split(members, ',', -1, /*KeepEmpty=*/false);
  std::map<unsigned, std::string> chunks;
  for (llvm::StringRef member : members) {
    auto [name, flags] = member.split(':');
    const Chunk *chunk =
        llvm::find_if(kChunks, [name = name](const Chunk &known) { return known.name.equals_insensitive(name); });
    Text behind = chunk == std::end(kChunks) ? std::nullopt : chunkFlags(*chunk, flags);
    if (!behind)
      return std::nullopt;
    chunks[chunk->type] = chunk->name.str() + *behind;
  }
  std::string out;
  for (const auto &[type, chunk] : chunks)
    out += (out.empty() ? "" : ",") + chunk;
  return kind + " " + out;
}

/// Source: libip6t_ipv6header.c.
Text extensionHeaders(const Input &input) {
  struct Header {
    llvm::StringLiteral printed, shortName, number;
  };
  static constexpr Header headers[] = {{"hop-by-hop", "hop", "0"},    {"ipv6-opts", "dst", "60"},
                                       {"ipv6-route", "route", "43"}, {"ipv6-frag", "frag", "44"},
                                       {"ah", "auth", "51"},          {"esp", "esp", "50"},
                                       {"ipv6-nonxt", "none", "59"},  {"protocol", "prot", "255"}};
  llvm::SmallVector<llvm::StringRef, 8> members;
  input.first().split(members, ',', -1, /*KeepEmpty=*/false);
  std::string out;
  size_t found = 0;
  for (const Header &header : headers) {
    auto names = [&](llvm::StringRef member) {
      return member == header.printed || member == header.shortName || member == header.number;
    };
    size_t count = llvm::count_if(members, names);
    found += count;
    if (count != 0)
      out += (out.empty() ? "" : ",") + header.printed.str();
  }
  return found == members.size() ? Text(out) : std::nullopt;
}

/// `type` or `type:length`, several with commas.
Text headerOptions(const Input &input) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  input.first().split(members, ',');
  std::string out;
  for (llvm::StringRef member : members) {
    auto [first, second] = member.split(':');
    auto type = parseNumber(first, 255), length = parseNumber(second, 255);
    if (!type || (first != member && !length))
      return std::nullopt;
    out += out.empty() ? "" : ",";
    out += !length || *length == 255 ? fmt::format("{}", *type) : fmt::format("{}:{}", *type, *length);
  }
  return out;
}

Text tcpOptions(const Input &input) {
  struct {
    llvm::StringLiteral name;
    unsigned number;
  } static constexpr names[] = {{"wscale", 3}, {"mss", 2},       {"sack-permitted", 4},
                                {"sack", 5},   {"timestamp", 8}, {"md5", 19}};
  llvm::SmallVector<llvm::StringRef, 8> members;
  input.first().split(members, ',');
  std::map<uint64_t, bool> options;
  for (llvm::StringRef member : members) {
    auto known = llvm::find_if(names, [&](const auto &entry) { return entry.name == member; });
    auto number = known != std::end(names) ? std::optional<uint64_t>(known->number) : parseNumber(member, 255);
    if (!number)
      return std::nullopt;
    options[*number] = true;
  }
  std::string out;
  for (const auto &[number, _] : options)
    out += fmt::format("{}{}", out.empty() ? "" : ",", number);
  return out;
}

Text mhTypes(const Input &input) {
  llvm::StringRef written = input.first();
  auto [first, last] = written.split(':');
  auto lo = first.empty() ? 0 : parseMhType(first);
  auto hi = first == written ? lo : last.empty() ? 255 : parseMhType(last);
  if (!lo || !hi)
    return std::nullopt;
  return *lo == *hi ? fmt::format("{}", *lo) : fmt::format("{}:{}", *lo, *hi);
}

Text icmpType(const Input &input) {
  auto type = parseIcmpType(input.first(), input.family);
  if (!type)
    return std::nullopt;
  if (input.family == packet::Family::IPv4 && type->type == 255)
    return "any";
  bool everyCode = type->firstCode == 0 && type->lastCode == 255;
  return everyCode ? fmt::format("{}", type->type) : fmt::format("{}/{}", type->type, type->firstCode);
}

Text packetType(const Input &input) {
  static constexpr llvm::StringLiteral names[][2] = {
      {"unicast", "host"}, {"broadcast", "bcast"}, {"multicast", "mcast"}, {"otherhost", "otherhost"}};
  for (const auto &entry : names)
    if (entry[0].equals_insensitive(input.first()) || entry[1].equals_insensitive(input.first()))
      return entry[0].str();
  return std::nullopt;
}

/// The first type one of whose two names begins so.
Text rejectType(const Input &input) {
  struct Type {
    llvm::StringLiteral name, alias;
  };
  static constexpr Type types4[] = {{"icmp-net-unreachable", "net-unreach"},
                                    {"icmp-host-unreachable", "host-unreach"},
                                    {"icmp-proto-unreachable", "proto-unreach"},
                                    {"icmp-port-unreachable", "port-unreach"},
                                    {"icmp-net-prohibited", "net-prohib"},
                                    {"icmp-host-prohibited", "host-prohib"},
                                    {"tcp-reset", "tcp-rst"},
                                    {"icmp-admin-prohibited", "admin-prohib"}};
  static constexpr Type types6[] = {{"icmp6-no-route", "no-route"},
                                    {"icmp6-adm-prohibited", "adm-prohibited"},
                                    {"icmp6-addr-unreachable", "addr-unreach"},
                                    {"icmp6-port-unreachable", "port-unreach"},
                                    {"tcp-reset", "tcp-reset"},
                                    {"icmp6-policy-fail", "policy-fail"},
                                    {"icmp6-reject-route", "reject-route"}};
  bool ipv4 = input.family == packet::Family::IPv4;
  for (const Type &type : ipv4 ? llvm::makeArrayRef(types4) : llvm::makeArrayRef(types6))
    if (type.name.startswith_insensitive(input.first()) || type.alias.startswith_insensitive(input.first()))
      return type.name.str();
  return std::nullopt;
}

Text logLevel(const Input &input) {
  struct {
    llvm::StringLiteral name;
    unsigned level;
  } static constexpr names[] = {{"emerg", 0},   {"panic", 0},  {"alert", 1}, {"crit", 2}, {"error", 3},
                                {"warning", 4}, {"notice", 5}, {"info", 6},  {"debug", 7}};
  for (const auto &entry : names)
    if (entry.name == input.first())
      return fmt::format("{}", entry.level);
  return decimal(input);
}

Text ledDelay(const Input &input) {
  return input.first().take_front(3).equals_insensitive("inf") ? Text("inf") : decimal(input);
}

Text zone(const Input &input) {
  return input.first() == "mark" ? Text("mark") : decimal(input);
}

/// A user or group by number, or a range of them. Names hang on the machine, but for one.
Text owner(const Input &input) {
  if (input.first() == "root")
    return "0";
  auto [first, last] = input.first().split('-');
  auto lo = parseNumber(first, 0xffffffff), hi = last.empty() ? lo : parseNumber(last, 0xffffffff);
  if (!lo || !hi)
    return std::nullopt;
  return *lo == *hi ? fmt::format("{}", *lo) : fmt::format("{}-{}", *lo, *hi);
}

/// `CS1`, `AF21`, `EF`, `BE`.
Text dscpClass(const Input &input) {
  std::string name = input.first().upper();
  llvm::StringRef rest = name;
  if (rest == "EF" || rest == "BE")
    return rest == "EF" ? "0x2e" : "0x00";
  if (rest.consume_front("CS") && rest.size() == 1 && rest[0] >= '0' && rest[0] <= '7')
    return fmt::format("0x{:02x}", (rest[0] - '0') * 8);
  if (rest.consume_front("AF") && rest.size() == 2 && rest[0] >= '1' && rest[0] <= '4' && rest[1] >= '1' &&
      rest[1] <= '3')
    return fmt::format("0x{:02x}", (rest[0] - '0') * 8 + (rest[1] - '0') * 2);
  return std::nullopt;
}

} // namespace iptlint::parse::normal
