// parseNetwork(): what several texts say of one machine, put together.
//
// Which form a text has its lines show, one by one: a text may be the output of several programs.
#include "ir/Network.h"
#include "parse/Bridges.h"
#include "parse/Ifconfig.h"
#include "parse/IpAddresses.h"
#include "parse/IpRules.h"
#include "parse/Parse.h"
#include "parse/Settings.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Family;
using SourcePtr = std::shared_ptr<const support::Source>;

namespace {

class NetworkReader {
public:
  explicit NetworkReader(const NetworkTexts &texts) : texts(texts) {}

  ParsedNetwork read();

private:
  void readRoutes(const SourcePtr &source);
  void readRules(const SourcePtr &source);
  void readAddresses(const SourcePtr &source);
  void readBridges(const SourcePtr &source);
  void readSettings(const SourcePtr &source);
  void readLines(Findings &findings, llvm::StringRef comments, llvm::function_ref<void(llvm::StringRef)> readLine);
  void add(const SourcePtr &source, std::vector<support::Diagnostic> findings, bool incomplete);
  void add(const SourcePtr &source, Findings &findings) { add(source, findings.take(), findings.incomplete); }
  void settlePorts();

  const NetworkTexts &texts;
  std::shared_ptr<ir::Network> network = std::make_shared<ir::Network>();
  Interfaces interfaces{network->interfaces};
  Settings settings{network->settings};
  NetworkLineReader lines;
  ParsedNetwork parsed;
};

void NetworkReader::add(const SourcePtr &source, std::vector<support::Diagnostic> findings, bool incomplete) {
  network->sources.push_back(source);
  parsed.files.push_back({source, std::move(findings)});
  parsed.incomplete |= incomplete;
}

/// \param comments  the characters that make a line a comment where they stand first.
void NetworkReader::readLines(Findings &findings, llvm::StringRef comments,
                              llvm::function_ref<void(llvm::StringRef)> readLine) {
  llvm::StringRef text = findings.source.text();
  if (size_t zero = text.find('\0'); zero != llvm::StringRef::npos) {
    findings.error(text.substr(zero, 1), "a byte of zero: this is no text");
    return;
  }
  bool sawCarriageReturn = false;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    if (line.consume_back("\r") && !std::exchange(sawCarriageReturn, true))
      findings.add(support::Severity::Warning, llvm::StringRef(line.end(), 1), "lines end in a carriage return",
                   "line-endings");
    llvm::StringRef words = line.ltrim(" \t");
    if (!words.empty() && !comments.contains(words.front()))
      readLine(line);
  }
}

static void markKnown(ir::FamilySet &families, Family family) {
  (family == Family::IPv4 ? families.ipv4 : families.ipv6) = true;
}

void NetworkReader::readRoutes(const SourcePtr &source) {
  ParsedRoutes one = parseRoutes(source, texts.hosts);
  for (ir::Route &route : one.routes.routes) {
    markKnown(network->knowsRoutes, route.family);
    if (route.table == "local")
      markKnown(network->knowsAllTables, route.family);
    network->routes.push_back({std::move(route), network->sources.size()});
  }
  add(source, std::move(one.findings), one.incomplete);
}

void NetworkReader::readRules(const SourcePtr &source) {
  Findings findings(*source);
  IpRuleReader reader(findings, lines, network->sources.size());
  readLines(findings, "#", [&](llvm::StringRef line) { reader.readLine(line); });
  for (ir::RoutingRule &rule : reader.finish()) {
    markKnown(network->knowsRules, rule.family);
    network->rules.push_back(std::move(rule));
  }
  add(source, findings);
}

/// ifconfig shows one address of each name.
static void noteWhatIsMissing(Findings &findings) {
  findings.add(support::Severity::Info, findings.source.text().ltrim(" \t\r\n").take_front(1),
               "ifconfig leaves out further IPv4 addresses of an interface; `ip addr` shows them");
}

void NetworkReader::readAddresses(const SourcePtr &source) {
  Findings findings(*source);
  size_t number = network->sources.size();
  IpAddressReader ip(findings, lines, interfaces, number);
  IfconfigReader ifconfig(findings, interfaces, number);
  enum { None, Ip, Ifconfig } form = None;
  bool anyIfconfig = false;
  readLines(findings, "#", [&](llvm::StringRef line) {
    bool isIndented = line.startswith(" ") || line.startswith("\t");
    if (!isIndented)
      form = IfconfigReader::startsInterface(line)                                      ? Ifconfig
             : IpAddressReader::startsInterface(line) || IpAddressReader::isBrief(line) ? Ip
                                                                                        : None;
    anyIfconfig |= form == Ifconfig;
    if (form == None)
      findings.error(line.trim(" \t"),
                     isIndented ? "no interface stands above this line" : "this is no line of ip addr or ifconfig");
    else
      form == Ip ? ip.readLine(line) : ifconfig.readLine(line);
  });
  if (anyIfconfig)
    noteWhatIsMissing(findings);
  for (Family family : {Family::IPv4, Family::IPv6})
    if (ip.shown().has(family) || ifconfig.shown().has(family))
      markKnown(network->knowsAddresses, family);
  add(source, findings);
}

void NetworkReader::readBridges(const SourcePtr &source) {
  Findings findings(*source);
  BridgeReader reader(findings, lines, network->bridges, network->sources.size());
  readLines(findings, "#", [&](llvm::StringRef line) { reader.readLine(line); });
  add(source, findings);
}

void NetworkReader::readSettings(const SourcePtr &source) {
  Findings findings(*source);
  readLines(findings, "#;", [&](llvm::StringRef line) { settings.readLine(line, findings, network->sources.size()); });
  add(source, findings);
}

/// Ports and their bridge know of each other, whichever text said so. What `ip addr` names as master may be a VRF, or
/// of another kind; `ip -details addr` says it, or a text of bridges.
void NetworkReader::settlePorts() {
  for (const ir::Interface &interface : network->interfaces)
    if (interface.kind == "bridge")
      bridgeNamed(network->bridges, interface.name, interface.place);
  for (ir::Bridge &bridge : network->bridges)
    for (ir::Interface &interface : network->interfaces) {
      bool isNamed = llvm::is_contained(bridge.ports, interface.name);
      if (isNamed && interface.master.empty())
        interface.master = bridge.name;
      else if (!isNamed && interface.master == bridge.name)
        bridge.ports.push_back(interface.name);
    }
}

ParsedNetwork NetworkReader::read() {
  for (const SourcePtr &source : texts.routes)
    readRoutes(source);
  for (const SourcePtr &source : texts.rules)
    readRules(source);
  for (const SourcePtr &source : texts.addresses)
    readAddresses(source);
  for (const SourcePtr &source : texts.bridges)
    readBridges(source);
  for (const SourcePtr &source : texts.settings)
    readSettings(source);
  settlePorts();
  parsed.network = network;
  return std::move(parsed);
}

} // namespace

ParsedNetwork parseNetwork(const NetworkTexts &texts) {
  return NetworkReader(texts).read();
}

} // namespace iptlint::parse
