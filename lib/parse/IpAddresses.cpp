#include "parse/IpAddresses.h"
#include "parse/RoutesValues.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::Interface;
using ir::InterfaceAddress;
using llvm::StringRef;
using packet::Family;
using support::Severity;

static bool isOneOf(StringRef word, llvm::ArrayRef<llvm::StringLiteral> words) {
  return llvm::is_contained(words, word);
}

// --- which kind of line

bool IpAddressReader::startsInterface(StringRef line) {
  StringRef number = line.take_while(llvm::isDigit);
  return !number.empty() && line.drop_front(number.size()).startswith(": ");
}

/// Source: iproute2, ip/ipaddress.c, oper_states[].
static bool isState(StringRef word) {
  static constexpr llvm::StringLiteral states[] = {"UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN",
                                                   "TESTING", "DORMANT",    "UP"};
  return isOneOf(word, states);
}

bool IpAddressReader::isBrief(StringRef line) {
  llvm::SmallVector<StringRef, 8> words;
  llvm::SplitString(line, words, " \t");
  return !line.startswith(" ") && words.size() >= 2 && isState(words[1]);
}

/// `2: em1: <UP>`; before an address in one-line form the name has no colon.
static bool isLink(StringRef text) {
  StringRef name = text.split(' ').second.ltrim(" ").take_until([](char c) { return c == ' '; });
  return name.endswith(":") || text.contains('<');
}

void IpAddressReader::readLine(StringRef line) {
  if (isBrief(line))
    return readBrief(line);
  for (StringRef rest = line; !rest.empty();) { // one-line form writes \ for a line's end
    auto [part, next] = rest.split('\\');
    StringRef text = part.trim(" \t");
    bool isFirst = part.begin() == line.begin();
    if (isFirst && startsInterface(line))
      isLink(text) ? readLink(text) : readAddress(text);
    else if (text.startswith("inet ") || text.startswith("inet6 "))
      readAddress(text);
    else if (!text.empty())
      readDetail(text);
    rest = next;
  }
}

bool IpAddressReader::open(StringRef written, StringRef at) {
  name = bareName(written);
  countsFollow = hasDetails = false;
  if (isDeviceName(name)) {
    interfaces.named(name, {source, findings.source.rangeOf(at)});
    return true;
  }
  if (!name.empty())
    findings.error(name, fmt::format("no device can be called \"{}\"", name));
  name = {};
  return false;
}

void IpAddressReader::fail(StringRef at, std::string message) {
  failed = true;
  findings.error(at, std::move(message));
}

void IpAddressReader::note(StringRef at, std::string message) {
  findings.add(Severity::Info, at, std::move(message));
}

// --- an interface

void IpAddressReader::readLink(StringRef text) {
  NetworkLine line = lines.link(text);
  if (line.error)
    fail(line.error->at, line.error->message);
  if (!open(line.name, text))
    return;
  current().index = readNumber(line.index, 0x7fffffff).value_or(0);
  if (!line.flags.empty()) {
    llvm::SmallVector<StringRef, 8> flags;
    line.flags.drop_front().drop_back().split(flags, ',');
    Interfaces::setFlags(current(), flags, "LOWER_UP");
  }
  for (const LinePart &part : line.parts)
    readLinkPart(part);
}

/// Source: iproute2, ip/ipaddress.c, print_linkinfo(); bridge/link.c, print_linkinfo().
void IpAddressReader::readLinkPart(const LinePart &part) {
  static constexpr llvm::StringLiteral others[] = {"qdisc", "state", "mode", "qlen", "priority", "cost"};
  Interface &interface = current();
  if (part.keyword == "mtu") {
    std::optional<uint64_t> mtu = readNumber(part.value, ~0u);
    if (!mtu)
      return fail(part.value, fmt::format("\"{}\" is no number from 0 to {}", part.value, ~0u));
    interface.mtu = *mtu;
  } else if (part.keyword == "master") {
    interface.master = bareName(part.value);
  } else if (part.keyword == "group") {
    interface.group = part.value;
  } else if (!part.value.empty() && !isOneOf(part.keyword, others)) {
    note(part.keyword, fmt::format("\"{}\" is not known and was left out", part.keyword));
  }
}

// --- an address

void IpAddressReader::readAddress(StringRef text) {
  NetworkLine line = lines.address(text);
  if (!line.index.empty() && open(line.name, text))
    current().index = readNumber(line.index, 0x7fffffff).value_or(0);
  if (line.error)
    return fail(line.error->at, line.error->message);
  if (name.empty())
    return fail(text, "no interface stands above this address");
  InterfaceAddress address;
  address.place = {source, findings.source.rangeOf(text)};
  failed = false;
  readBlock(address, line);
  for (const LinePart &part : line.parts)
    readAddressPart(address, part, &part == &line.parts.back());
  add(address);
}

void IpAddressReader::add(const InterfaceAddress &address) {
  if (failed)
    return;
  (address.family == Family::IPv4 ? saw.ipv4 : saw.ipv6) = true;
  Interfaces::add(current(), address);
}

/// `10.0.0.1/24`, or `10.0.0.1 peer 10.0.0.2/32`: what is on the link then are the peer's neighbours.
void IpAddressReader::readBlock(InterfaceAddress &address, const NetworkLine &line) {
  StringRef keyword = line.words[line.index.empty() ? 0 : 2];
  address.family = keyword == "inet" ? Family::IPv4 : Family::IPv6;
  StringRef onLink = line.peer.empty() ? line.address : line.peer;
  auto [prefixText, lengthText] = onLink.split('/');
  StringRef ownText = line.peer.empty() ? prefixText : line.address;
  for (StringRef text : {ownText, prefixText}) {
    std::optional<Address> read = parse::readAddress(text, address.family);
    if (!read)
      return fail(text, fmt::format("\"{}\" is no {} address", text, familyName(address.family)));
    (text.begin() == ownText.begin() ? address.address : address.peer.emplace()) = read->value;
  }
  address.length = packet::bits(packet::Field::Dst, address.family);
  if (!onLink.contains('/'))
    return;
  std::optional<unsigned> length = readLength(lengthText, address.family);
  if (!length)
    return fail(onLink, fmt::format("\"{}\" is no prefix length of {}", lengthText, familyName(address.family)));
  address.length = *length;
}

/// Source: iproute2, ip/ipaddress.c, print_addrinfo() and ifa_flag_data[].
void IpAddressReader::readAddressPart(InterfaceAddress &address, const LinePart &part, bool isLast) {
  static constexpr llvm::StringLiteral others[] = {"dynamic",    "permanent", "nodad",      "home",
                                                   "mngtmpaddr", "autojoin",  "optimistic", "stable-privacy",
                                                   "temporary",  "mcautojoin"};
  StringRef word = part.keyword;
  if (word == "scope")
    address.scope = part.value;
  else if (word == "brd") {
    std::optional<Address> broadcast = parse::readAddress(part.value, address.family);
    if (!broadcast)
      return fail(part.value, fmt::format("\"{}\" is no {} address", part.value, familyName(address.family)));
    address.broadcast = broadcast->value;
  } else if (word == "secondary")
    address.secondary = true;
  else if (word == "tentative" || word == "dadfailed")
    address.unusable = true;
  else if (word == "deprecated")
    address.deprecated = true;
  else if (word == "noprefixroute")
    address.noPrefixRoute = true;
  else if (part.value.empty() && !isOneOf(word, others) &&
           !(isLast && address.family == Family::IPv4)) // a label stands last
    note(word, fmt::format("\"{}\" is not known and was left out", word));
}

// --- brief

/// An interface that is not running shows as DOWN, whatever it is told to be.
/// Source: net/core/rtnetlink.c, rtnl_fill_ifinfo().
static void setState(Interface &interface, StringRef state) {
  if (state != "DOWN" && state != "NOTPRESENT")
    interface.up = true;
  if (state == "UP" || state == "LOWERLAYERDOWN")
    interface.carrier = state == "UP";
}

void IpAddressReader::readBrief(StringRef text) {
  NetworkLine line = lines.plain(text);
  if (line.error)
    return fail(line.error->at, line.error->message);
  llvm::ArrayRef<StringRef> words = line.words;
  if (!open(words[0], text.trim(" \t")))
    return;
  setState(current(), words[1]);
  words = words.drop_front(2);
  bool isLink = !words.empty() && words.back().startswith("<");
  if (!isLink)
    return readBriefAddresses(words);
  llvm::SmallVector<StringRef, 8> flags;
  words.back().drop_front().rtrim('>').split(flags, ',');
  Interfaces::setFlags(current(), flags, "LOWER_UP");
  if (words.size() > 1)
    current().mac = parseMac(words[0]);
}

void IpAddressReader::readBriefAddresses(llvm::ArrayRef<StringRef> words) {
  while (!words.empty()) {
    bool hasPeer = words.size() > 2 && words[1] == "peer";
    StringRef last = hasPeer ? words[2] : words[0];
    std::optional<Address> address = parse::readAddress(words[0].split('/').first, std::nullopt);
    if (!address)
      return fail(words[0], fmt::format("\"{}\" is no address", words[0]));
    StringRef keyword = address->family == Family::IPv4 ? "inet" : "inet6";
    NetworkLine line;
    line.words = {keyword};
    line.address = words[0];
    line.peer = hasPeer ? last : StringRef();
    InterfaceAddress read;
    read.place = {source, findings.source.rangeOf(StringRef(words[0].begin(), last.end() - words[0].begin()))};
    failed = false;
    readBlock(read, line);
    add(read);
    words = words.drop_front(hasPeer ? 3 : 1);
    if (words.size() > 1 && words[0] == "metric")
      words = words.drop_front(2);
  }
}

/// `ip -4 addr` leaves out the lines of hardware; `ip link` has no address, nor says that there is none.
ir::FamilySet IpAddressReader::shown() const {
  bool all = sawHardware && (saw.ipv4 || saw.ipv6);
  return {all || saw.ipv4, all || saw.ipv6};
}

} // namespace iptlint::parse
