#include "parse/RoutesIp.h"
#include "parse/RoutesKeywords.h"
#include "llvm/ADT/StringSwitch.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::RouteType;
using packet::Family;

constexpr unsigned kMaxMetric = ~0u;
constexpr unsigned kMaxWeight = 65536; // 256 before Linux 6.12

bool IpRouteReader::isFurtherLine(llvm::StringRef line) {
  llvm::StringRef first = line.ltrim(" \t").take_until([](char c) { return c == ' ' || c == '\t'; });
  return first == "nexthop" || first == "cache" || first == "nh_info";
}

static RouteType typeOf(llvm::StringRef text) {
  return llvm::StringSwitch<RouteType>(text)
      .Case("local", RouteType::Local)
      .Case("broadcast", RouteType::Broadcast)
      .Case("multicast", RouteType::Multicast)
      .Case("anycast", RouteType::Anycast)
      .Case("unreachable", RouteType::Unreachable)
      .Case("prohibit", RouteType::Prohibit)
      .Case("blackhole", RouteType::Blackhole)
      .Case("throw", RouteType::Throw)
      .Case("nat", RouteType::Nat)
      .Default(RouteType::Unicast);
}

/// Whether packets that take such a route go to a next hop.
static bool hasHops(RouteType type) {
  return type != RouteType::Unreachable && type != RouteType::Prohibit && type != RouteType::Blackhole &&
         type != RouteType::Throw;
}

void IpRouteReader::fail(llvm::StringRef at, std::string message) {
  routes.back().broken = true;
  findings.error(at, std::move(message));
}

void IpRouteReader::readRoute(llvm::StringRef text) {
  RouteLine line = lines.route(text);
  routes.emplace_back().type = typeOf(line.type);
  families.emplace_back();
  if (!line.destination.empty())
    routes.back().destination = readPrefix(line.destination).value_or(ir::Prefix{});
  add(line);
}

void IpRouteReader::readFurtherLine(llvm::StringRef text) {
  add(lines.furtherLine(text));
}

void IpRouteReader::add(const RouteLine &line) {
  std::vector<llvm::StringRef> &words = routes.back().words;
  words.insert(words.end(), line.words.begin(), line.words.end());
  for (const Attribute &attribute : line.attributes) {
    if (attribute.kind == AttributeKind::Restated)
      break;
    read(attribute);
  }
  if (line.error && !routes.back().broken) // a line that starts with no address is no route at all: say so once
    fail(line.error->at, line.error->message);
}

/// `default`, `10.0.0.0/8`, `10.0.0.1`; an address decides the route's family.
std::optional<ir::Prefix> IpRouteReader::readPrefix(llvm::StringRef text) {
  if (text == "default")
    return ir::Prefix{};
  auto [addressText, lengthText] = text.split('/');
  std::optional<Address> address = readAddress(addressText, families.back());
  if (!address)
    return fail(text, fmt::format("\"{}\" is no address", text)), std::nullopt;
  families.back() = address->family;
  std::optional<unsigned> length = packet::bits(packet::Field::Dst, address->family);
  if (addressText.size() != text.size())
    length = readLength(lengthText, address->family);
  if (!length)
    return fail(text, fmt::format("\"{}\" is no prefix length of {}", lengthText, familyName(address->family))),
           std::nullopt;
  ir::Prefix prefix = {address->value, *length};
  if (hasHostBits(prefix, address->family))
    fail(text, fmt::format("{} has bits set behind its prefix", text));
  return prefix;
}

void IpRouteReader::read(const Attribute &attribute) {
  switch (attribute.kind) {
  case AttributeKind::NextHop:
    return readNextHop();
  case AttributeKind::Gateway:
    return readGateway(attribute);
  case AttributeKind::Pair:
    return readPair(attribute);
  case AttributeKind::Flag:
    return readFlag(attribute.keyword);
  case AttributeKind::Encapsulation: // what leaves is another packet
  case AttributeKind::Cached:        // an answer for one packet, no line of a table
    routes.back().opaque = true;
    return;
  case AttributeKind::Restated:
    return;
  }
}

/// Flags in front of the first hop are those of the route as a whole, which each hop repeats.
void IpRouteReader::readNextHop() {
  auto &hops = routes.back().hops;
  bool flagsOnly = hops.size() == 1 && hops.front().device.empty() && !hops.front().gateway;
  if (flagsOnly)
    hops.clear();
  hops.emplace_back();
}

/// Source: iproute2, ip/iproute.c, print_rt_flags(). What is not here says who does the work, not what is done.
void IpRouteReader::readFlag(llvm::StringRef text) {
  if (text == "onlink")
    hop().onLink = true;
  else if (text == "dead")
    hop().unusable = true;
  else if (text == "linkdown")
    hop().linkDown = true;
  else if (text == "unresolved") // a multicast route that a daemon has yet to fill
    routes.back().opaque = true;
}

ir::NextHop &IpRouteReader::hop() {
  if (routes.back().hops.empty())
    routes.back().hops.emplace_back();
  return routes.back().hops.back();
}

/// An address of the route's own family; it decides the family where nothing has before.
std::optional<packet::Value> IpRouteReader::readOwnAddress(llvm::StringRef text) {
  std::optional<Address> address = readAddress(text, families.back());
  if (!address) {
    fail(text,
         fmt::format("\"{}\" is no {}address", text, families.back() ? familyName(*families.back()).str() + " " : ""));
    return std::nullopt;
  }
  families.back() = address->family;
  return address->value;
}

void IpRouteReader::readGateway(const Attribute &gateway) {
  if (hop().gateway)
    return fail(gateway.keyword, "a second gateway for one next hop");
  if (gateway.family.empty()) {
    hop().gateway = readOwnAddress(gateway.value);
    return;
  }
  std::optional<Address> address;
  if (gateway.family == "inet" || gateway.family == "inet6")
    address = readAddress(gateway.value, gateway.family == "inet" ? Family::IPv4 : Family::IPv6);
  if (!address)
    return fail(gateway.value, fmt::format("\"{}\" is no {} address", gateway.value, gateway.family));
  hop().gateway = address->value;
  hop().gatewayFamily = address->family;
}

void IpRouteReader::readDevice(llvm::StringRef text) {
  if (!hop().device.empty())
    return fail(text, "a second device for one next hop");
  if (!isDeviceName(text))
    return fail(text, fmt::format("no device can be called \"{}\"", text));
  hop().device = text;
}

void IpRouteReader::readTos(llvm::StringRef text) {
  routes.back().tos = readDsField(text);
  if (routes.back().tos)
    return;
  routes.back().opaque = true;
  findings.note(
      text,
      fmt::format("\"{}\" is a type of service that this machine has named itself: which one is not known", text));
}

/// Only IPv6 looks up routes by source. `ip route get` of IPv4 repeats what it was asked for.
void IpRouteReader::readFrom(llvm::StringRef text) {
  std::optional<ir::Prefix> from = readPrefix(text);
  if (from && families.back() != Family::IPv4)
    routes.back().from = *from;
  else
    routes.back().opaque = true;
}

void IpRouteReader::readNumberInto(unsigned &number, llvm::StringRef text, unsigned min, unsigned max) {
  std::optional<uint64_t> read = readNumber(text, max);
  if (!read || *read < min)
    return fail(text, fmt::format("\"{}\" is no number from {} to {}", text, min, max));
  number = *read;
}

void IpRouteReader::readPair(const Attribute &pair) {
  ir::Route &route = routes.back();
  if (pair.keyword == "dev")
    return readDevice(pair.value);
  if (pair.keyword == "src") {
    route.source = readOwnAddress(pair.value);
    return;
  }
  if (pair.keyword == "metric")
    return readNumberInto(route.metric, pair.value, 0, kMaxMetric);
  if (pair.keyword == "weight")
    return readNumberInto(hop().weight, pair.value, 1, kMaxWeight);
  if (pair.keyword == "tos" || pair.keyword == "dsfield")
    return readTos(pair.value);
  if (pair.keyword == "from")
    return readFrom(pair.value);
  if (pair.keyword == "table")
    route.table = tableName(pair.value);
  else if (pair.keyword == "proto")
    route.protocol = pair.value;
  else if (pair.keyword == "scope")
    route.scope = pair.value;
  else
    checkUnused(pair);
}

/// A keyword that only the words hold.
void IpRouteReader::checkUnused(const Attribute &pair) {
  std::optional<RouteValue> kind = findRouteKeyword(pair.keyword);
  if (!kind)
    findings.note(pair.keyword, fmt::format("\"{}\" is not known and was kept as it is", pair.keyword));
  routes.back().opaque |= !kind || kind == RouteValue::Selector;
  unsigned ignored = 0;
  if (kind == RouteValue::Number)
    readNumberInto(ignored, pair.value, 0, ~0u);
  if (pair.keyword == "pref" && !families.back())
    families.back() = Family::IPv6; // RFC 4191: only IPv6 routers have a preference
}

/// A `default` without any address is taken for what stands before it, else for what comes next.
void IpRouteReader::settleFamilies() {
  std::optional<Family> known;
  for (std::optional<Family> family : families)
    if (!known)
      known = family;
  bool mixed = llvm::any_of(families, [&](std::optional<Family> family) { return family && family != known; });
  Family family = known.value_or(Family::IPv4);
  for (size_t i = 0; i != routes.size(); ++i) {
    bool guessed = !families[i] && !routes[i].broken && (!known || mixed);
    family = families[i].value_or(family);
    routes[i].family = family;
    if (guessed)
      findings.note(routes[i].words.front(),
                    fmt::format("no address says its family, taken for {}", familyName(family)));
  }
}

std::vector<ir::Route> IpRouteReader::finish() {
  settleFamilies();
  for (ir::Route &route : routes) {
    if (!hasHops(route.type))
      route.hops.clear();
    else if (route.hops.empty()) {
      route.opaque |= llvm::is_contained(route.words, "nhid"); // an object holds them, which was not shown
      route.hops.emplace_back();                               // `ip route show dev em1` leaves out the device
    }
  }
  return std::move(routes);
}

} // namespace iptlint::parse
