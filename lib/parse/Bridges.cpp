#include "parse/Bridges.h"
#include "parse/Interfaces.h"
#include "parse/IpAddresses.h"
#include "parse/RoutesValues.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using llvm::StringRef;

ir::Bridge &bridgeNamed(std::vector<ir::Bridge> &bridges, StringRef name, const ir::Place &place) {
  auto known = llvm::find_if(bridges, [&](const ir::Bridge &bridge) { return bridge.name == name; });
  if (known != bridges.end())
    return *known;
  bridges.emplace_back().name = name;
  bridges.back().place = place;
  return bridges.back();
}

void BridgeReader::readLine(StringRef line) {
  if (line.startswith("bridge name"))
    above = Above::Nothing;
  else if (IpAddressReader::startsInterface(line))
    readPort(line);
  else if (line.startswith(" ") || line.startswith("\t"))
    readIndented(line.trim(" \t"));
  else
    readRow(line);
}

void BridgeReader::fail(StringRef at, std::string message) {
  findings.error(at, std::move(message));
}

void BridgeReader::addPort(ir::Bridge &bridge, StringRef port) {
  if (!isDeviceName(port))
    fail(port, fmt::format("no device can be called \"{}\"", port));
  else if (!llvm::is_contained(bridge.ports, port))
    bridge.ports.push_back(port);
}

/// `4: em1@if5: <BROADCAST,UP> mtu 1500 master br0 state forwarding priority 32 cost 2`
void BridgeReader::readPort(StringRef line) {
  above = Above::Port;
  NetworkLine read = lines.link(line);
  if (read.error)
    return fail(read.error->at, read.error->message);
  auto master = llvm::find_if(read.parts, [](const LinePart &part) { return part.keyword == "master"; });
  if (master == read.parts.end())
    return fail(read.name, "no bridge is named for this port");
  ir::Place place = {source, findings.source.rangeOf(line.trim(" \t"))};
  addPort(bridgeNamed(bridges, bareName(master->value), place), bareName(read.name));
}

/// "8000.f2b93fb5db24": priority and MAC address
static bool isBridgeId(StringRef text) {
  auto [priority, mac] = text.split('.');
  return priority.size() == 4 && mac.size() == 12 && llvm::all_of(priority, llvm::isHexDigit) &&
         llvm::all_of(mac, llvm::isHexDigit);
}

/// `br0		8000.f2b93fb5db24	no		em1`
void BridgeReader::readRow(StringRef line) {
  llvm::SmallVector<StringRef, 5> words;
  llvm::SplitString(line, words, " \t");
  bool isRow =
      words.size() >= 3 && words.size() <= 4 && isBridgeId(words[1]) && (words[2] == "yes" || words[2] == "no");
  above = isRow && isDeviceName(words[0]) ? Above::Bridge : Above::Nothing;
  if (!isRow)
    return fail(words[0], "this is no line of brctl show or bridge link");
  if (above == Above::Nothing)
    return fail(words[0], fmt::format("no device can be called \"{}\"", words[0]));
  ir::Bridge &bridge = bridgeNamed(bridges, words[0], {source, findings.source.rangeOf(line.trim(" \t"))});
  last = words[0];
  bridge.id = words[1];
  bridge.stp = words[2] == "yes";
  if (words.size() == 4)
    addPort(bridge, words[3]);
}

/// A further port of the bridge above, or what `bridge -details link` says of the port above.
void BridgeReader::readIndented(StringRef text) {
  if (above == Above::Nothing)
    return fail(text, "no bridge stands above this line");
  if (above == Above::Bridge)
    return addPort(bridgeNamed(bridges, last, {}), text);
  if (!text.startswith("hairpin "))
    fail(text, fmt::format("unexpected \"{}\"", text.take_until([](char c) { return c == ' '; })));
}

} // namespace iptlint::parse
