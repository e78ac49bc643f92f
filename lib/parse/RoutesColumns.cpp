#include "parse/RoutesColumns.h"
#include "llvm/ADT/StringSwitch.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::Route;
using packet::Family;

ColumnReader::ColumnReader(RouteFindings &findings, RouteLineReader &lines, const Hosts *hosts)
    : findings(findings), lines(lines), hosts(hosts), columns(usualColumns(Family::IPv4)) {}

std::vector<ColumnReader::Column> ColumnReader::usualColumns(Family family) {
  std::vector<Column> columns = {Column::Destination, Column::Gateway};
  if (family == Family::IPv4)
    columns.push_back(Column::Genmask);
  columns.insert(columns.end(), {Column::Flags, Column::Metric, Column::References, Column::Use, Column::Device});
  return columns;
}

bool ColumnReader::isTitle(llvm::StringRef line) {
  return line.startswith("Kernel IP");
}

bool ColumnReader::isHeading(llvm::StringRef line) {
  return line.startswith("Destination ");
}

bool ColumnReader::startsWithoutHeading(llvm::StringRef line) {
  std::vector<llvm::StringRef> words = lines.row(line).words;
  if (words.size() == usualColumns(Family::IPv4).size())
    return words[1] != "via" && readAddress(words[2], Family::IPv4); // the genmask
  bool isIPv6 = words.size() == usualColumns(Family::IPv6).size() && words[0].contains('/') &&
                readAddress(words[1], Family::IPv6); // the next hop
  if (isIPv6)
    setTable(Family::IPv6);
  return isIPv6;
}

void ColumnReader::setTable(Family named) {
  family = named;
  columns = usualColumns(named);
}

void ColumnReader::readTitle(llvm::StringRef line) {
  setTable(line.startswith("Kernel IPv6") ? Family::IPv6 : Family::IPv4);
}

// Source: net-tools 2.10, lib/inet_gr.c and lib/inet6_gr.c; busybox, networking/route.c.
std::optional<ColumnReader::Column> ColumnReader::columnOf(llvm::StringRef heading) {
  return llvm::StringSwitch<std::optional<Column>>(heading)
      .Case("Destination", Column::Destination)
      .Cases("Gateway", "Next", Column::Gateway)
      .Case("Genmask", Column::Genmask)
      .Cases("Flags", "Flag", Column::Flags)
      .Cases("Metric", "Met", Column::Metric)
      .Case("Ref", Column::References)
      .Case("Use", Column::Use)
      .Cases("Iface", "If", Column::Device)
      .Cases("MSS", "Window", "irtt", Column::Other)
      .Default(std::nullopt);
}

void ColumnReader::readHeading(llvm::StringRef line) {
  columns.clear();
  std::vector<Column> named;
  llvm::StringRef before;
  family = Family::IPv4;
  for (llvm::StringRef word : lines.row(line).words) {
    bool secondWord = before == "Next" && word == "Hop";
    std::optional<Column> column = columnOf(word);
    if (!column && !secondWord)
      return findings.error(word, fmt::format("\"{}\" is no column of a routing table", word));
    if (secondWord)
      family = Family::IPv6;
    else
      named.push_back(*column);
    before = word;
  }
  columns = std::move(named);
}

void ColumnReader::fail(Route &route, llvm::StringRef at, std::string message) {
  route.broken = true;
  findings.error(at, std::move(message));
}

Route ColumnReader::readRow(llvm::StringRef line) {
  RouteLine row = lines.row(line);
  Route route;
  route.family = family;
  route.words = row.words;
  if (row.error)
    fail(route, row.error->at, row.error->message);
  else if (columns.empty())
    route.broken = true; // its heading has the finding
  else if (row.words.size() != columns.size())
    fail(route, row.words.size() < columns.size() ? row.words.back() : row.words[columns.size()],
         fmt::format("{} columns in place of {}", row.words.size(), columns.size()));
  if (route.broken)
    return route;
  route.hops.emplace_back();
  for (size_t i = 0; i != columns.size(); ++i)
    readCell(route, columns[i], row.words[i]);
  settle(route);
  return route;
}

void ColumnReader::readCell(Route &route, Column column, llvm::StringRef text) {
  switch (column) {
  case Column::Destination:
    return family == Family::IPv4 ? readDestination4(route, text) : readDestination6(route, text);
  case Column::Gateway:
    return readGateway(route, text);
  case Column::Genmask:
    return readGenmask(route, text);
  case Column::Flags:
    return readFlags(route, text);
  case Column::Metric:
    return readNumberInto(route, route.metric, text);
  case Column::References:
    return readNumberInto(route, route.references, text);
  case Column::Use:
    return readNumberInto(route, route.use, text);
  case Column::Device:
    return readDevice(route, text);
  case Column::Other:
    unsigned ignored = 0;
    return readNumberInto(route, ignored, text);
  }
}

/// `route` without -n writes [::] for the address of all zeros.
static llvm::StringRef withoutBrackets(llvm::StringRef text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    return text.drop_front().drop_back();
  return text;
}

/// An address of the table's family. In IPv6 tables 1.2.3.4 stands for ::ffff:1.2.3.4.
/// Source: net-tools, lib/inet6.c, fix_v4_address().
std::optional<packet::Value> ColumnReader::address(Route &route, llvm::StringRef text) {
  llvm::StringRef bare = withoutBrackets(text);
  if (std::optional<Address> read = readAddress(bare, family))
    return read->value;
  if (family == Family::IPv6)
    if (std::optional<Address> mapped = readAddress(bare, Family::IPv4))
      return packet::Value(0xffff) << 32 | mapped->value;
  return named(route, text);
}

std::optional<packet::Value> ColumnReader::named(Route &route, llvm::StringRef text) {
  llvm::SmallVector<packet::Value, 1> addresses = addressesOf(text, family, hosts);
  if (addresses.size() == 1)
    return addresses.front();
  if (addresses.empty())
    fail(route, text, fmt::format("\"{}\" is no address, and no --hosts file says what it stands for", text));
  else
    fail(route, text, fmt::format("\"{}\" stands for {} addresses", text, addresses.size()));
  return std::nullopt;
}

/// Source: net-tools 2.10, lib/inet_gr.c and lib/inet6_gr.c; busybox, networking/route.c.
void ColumnReader::readFlags(Route &route, llvm::StringRef text) {
  route.flags = text;
  size_t strange = text.find_first_not_of("UGHDMRACIaemnf!");
  if (strange == llvm::StringRef::npos)
    return;
  route.opaque = true;
  findings.note(text.substr(strange, 1), fmt::format("no flag of a route is known as '{}'", text[strange]));
}

void ColumnReader::readDestination4(Route &route, llvm::StringRef text) {
  route.destination = {address(route, text).value_or(0), 32};
}

void ColumnReader::readDestination6(Route &route, llvm::StringRef text) {
  auto [addressText, lengthText] = text.split('/');
  std::optional<packet::Value> value = address(route, addressText);
  if (!value)
    return;
  std::optional<unsigned> length = readLength(lengthText, family);
  if (!length)
    return fail(route, text, fmt::format("\"{}\" is no prefix length of IPv6", lengthText));
  route.destination = {*value, *length};
}

void ColumnReader::readGateway(Route &route, llvm::StringRef text) {
  if (text == "-" || text == "*")
    return;
  std::optional<packet::Value> gateway = address(route, text);
  if (gateway && *gateway != 0)
    route.hops.front().gateway = gateway;
}

void ColumnReader::readGenmask(Route &route, llvm::StringRef text) {
  std::optional<Address> mask = readAddress(text, Family::IPv4);
  if (!mask)
    return fail(route, text, fmt::format("\"{}\" is no netmask", text));
  std::optional<unsigned> length = maskLength(uint32_t(mask->value));
  if (!length)
    return fail(route, text, fmt::format("the ones of netmask {} are not contiguous", text));
  route.destination.length = *length;
}

/// A metric of all ones is written as -1, and what a rejecting route lacks as -.
void ColumnReader::readNumberInto(Route &route, unsigned &number, llvm::StringRef text) {
  if (text == "-")
    return;
  std::optional<uint64_t> read = text == "-1" ? ~0u : readNumber(text, ~0u);
  if (!read)
    return fail(route, text, fmt::format("\"{}\" is no number from -1 to {}", text, ~0u));
  number = *read;
}

void ColumnReader::readDevice(Route &route, llvm::StringRef text) {
  if (text == "*" || text == "-") {
    route.hops.clear();
    return;
  }
  if (!isDeviceName(text))
    return fail(route, text, fmt::format("no device can be called \"{}\"", text));
  route.hops.front().device = text;
}

/// What only several columns together say.
void ColumnReader::settle(Route &route) {
  if (!route.broken && hasHostBits(route.destination, family))
    fail(route, route.words.front(), fmt::format("{} has bits set behind its netmask", route.words.front()));
  settleFlags(route);
}

void ColumnReader::settleFlags(Route &route) {
  bool rejects = route.flags.contains('!');
  if (rejects) { // unreachable and prohibit look alike here
    route.type = ir::RouteType::Unreachable;
    route.hops.clear();
    if (family == Family::IPv6 && route.destination.length == 0 && route.metric == ~0u)
      route.table = "unspec"; // the kernel's own end of each table, which lets the search go on
  } else if (family == Family::IPv6 && route.flags.contains('n')) { // shown with those of all tables
    route.type = ir::RouteType::Local;
    route.table = "local";
  } else if (route.hops.empty()) { // a blackhole ends the lookup, a throw does not
    route.opaque = true;
  }
  route.opaque |= route.flags.contains('C'); // an answer for one destination
  if (!rejects && !route.hops.empty())
    route.hops.front().unusable = !route.flags.contains('U');
  if (family == Family::IPv4 && route.flags.contains('G') && !route.hops.empty() && !route.hops.front().gateway)
    route.hops.front().gatewayFamily = Family::IPv6;
}

} // namespace iptlint::parse
