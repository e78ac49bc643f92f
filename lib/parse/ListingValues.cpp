#include "parse/ListingValues.h"
#include "packet/Field.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using Converted = std::optional<std::string>;

/// The bits of \p text, a number with 0x in front, by their names; another text as it is, and so are bits without
/// names.
static std::string bitNames(llvm::StringRef text, llvm::ArrayRef<llvm::StringLiteral> names) {
  unsigned bits = 0;
  if (!text.startswith("0x") || text.getAsInteger(0, bits) || bits >= 1u << names.size())
    return text.str();
  llvm::SmallVector<llvm::StringRef, 8> set;
  for (size_t i = 0; i != names.size(); ++i)
    if (bits >> i & 1)
      set.push_back(names[i]);
  return set.empty() ? "NONE" : llvm::join(set, ",");
}

/// Source: <netinet/tcp.h>.
static std::string tcpFlags(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
  return bitNames(text, names);
}

/// Source: linux/netfilter_ipv6/ip6t_ipv6header.h.
static std::string headers(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"protocol",  "ipv6-nonxt", "esp",       "ah",
                                                  "ipv6-frag", "ipv6-route", "ipv6-opts", "hop-by-hop"};
  return bitNames(text, names);
}

/// Each member of a list, converted; nothing where one of them cannot be.
static Converted eachMember(llvm::StringRef list, llvm::function_ref<Converted(llvm::StringRef)> convert) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  list.split(members, ',');
  llvm::SmallVector<std::string, 8> converted;
  for (llvm::StringRef member : members) {
    Converted one = convert(member);
    if (!one)
      return std::nullopt;
    converted.push_back(std::move(*one));
  }
  return llvm::join(converted, ",");
}

/// INIT, or 0x0001; behind it a colon and letters for flags.
static Converted chunk(llvm::StringRef member) {
  auto [type, flags] = member.split(':');
  unsigned number = 0;
  bool named = !type.startswith("0x") || type.getAsInteger(0, number);
  auto *found = llvm::find_if(packet::sctpChunks, [&, type = type](const packet::SctpChunk &known) {
    return named ? known.name == type : known.type == number;
  });
  if (found == std::end(packet::sctpChunks))
    return std::nullopt;
  return found->name.str() + (flags.empty() ? "" : ":" + flags.str());
}

static Converted chunks(llvm::StringRef text) {
  return text == "ALL" || text == "NONE" ? text.str() : eachMember(text, chunk);
}

/// REQUEST, or 0; what is INVALID, every number from 10 to 15 of them.
static Converted dccpTypes(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"REQUEST", "RESPONSE", "DATA", "ACK",     "DATAACK", "CLOSEREQ",
                                                  "CLOSE",   "RESET",    "SYNC", "SYNCACK", "INVALID"};
  static constexpr llvm::StringLiteral invalid = "10,11,12,13,14,15";
  std::string list = text.str();
  if (size_t at = list.find(invalid.data()); at != std::string::npos)
    list.replace(at, invalid.size(), "INVALID");
  return eachMember(list, [](llvm::StringRef member) -> Converted {
    unsigned number = 0;
    if (llvm::is_contained(names, member))
      return member.str();
    bool isOne = llvm::to_integer(member, number, 10) && number + 1 < std::size(names);
    return isOne ? Converted(names[number].str()) : std::nullopt;
  });
}

/// 1st, 12nd.
static Converted days(llvm::StringRef text) {
  return eachMember(text, [](llvm::StringRef member) -> Converted {
    llvm::StringRef day = member.take_while(llvm::isDigit), ending = member.drop_front(day.size());
    bool isDay = !day.empty() && (ending == "st" || ending == "nd" || ending == "rd" || ending == "th");
    return isDay ? Converted(day.str()) : std::nullopt;
  });
}

/// 8000bit, or 1000: bytes, where options take a number without a unit for bits.
static Converted rate(llvm::StringRef text) {
  uint64_t bytes = 0;
  if (!text.getAsInteger(10, bytes))
    return llvm::utostr(bytes * 8) + "bit";
  return llvm::isDigit(text[0]) ? Converted(text.str()) : std::nullopt;
}

Converted listedValue(char kind, llvm::StringRef text) {
  if (kind == 'q' || kind == 'Q')
    return text.str();
  if (text.empty())
    return std::nullopt;
  switch (kind) {
  case 'n':
  case 'k':
  case 'l':
    return llvm::isDigit(text[0]) ? Converted(text.str()) : std::nullopt;
  case 'w':
    return llvm::isAlpha(text[0]) ? Converted(text.str()) : std::nullopt;
  case 'f':
  case 'g':
    return tcpFlags(text);
  case 'h':
    return headers(text);
  case 's':
    return chunks(text);
  case 'd':
    return dccpTypes(text);
  case 'm':
    return days(text);
  case 'r':
  case 'R':
    return rate(text);
  default:
    return text.str();
  }
}

} // namespace iptlint::parse
