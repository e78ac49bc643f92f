// parseNetwork(): what several texts say of one machine, put together.
#include "ir/Network.h"
#include "parse/Parse.h"

namespace iptlint::parse {

namespace {

class NetworkReader {
public:
  explicit NetworkReader(const NetworkTexts &texts) : texts(texts) {}

  ParsedNetwork read();

private:
  void readRoutes(const std::shared_ptr<const support::Source> &source);
  void add(const std::shared_ptr<const support::Source> &source, std::vector<support::Diagnostic> findings,
           bool incomplete);

  const NetworkTexts &texts;
  std::shared_ptr<ir::Network> network = std::make_shared<ir::Network>();
  ParsedNetwork parsed;
};

void NetworkReader::add(const std::shared_ptr<const support::Source> &source, std::vector<support::Diagnostic> findings,
                        bool incomplete) {
  network->sources.push_back(source);
  parsed.files.push_back({source, std::move(findings)});
  parsed.incomplete |= incomplete;
}

static void markKnown(ir::FamilySet &families, packet::Family family) {
  (family == packet::Family::IPv4 ? families.ipv4 : families.ipv6) = true;
}

void NetworkReader::readRoutes(const std::shared_ptr<const support::Source> &source) {
  ParsedRoutes one = parseRoutes(source, texts.hosts);
  for (ir::Route &route : one.routes.routes) {
    markKnown(network->knowsRoutes, route.family);
    if (route.table == "local")
      markKnown(network->knowsAllTables, route.family);
    network->routes.push_back({std::move(route), network->sources.size()});
  }
  add(source, std::move(one.findings), one.incomplete);
}

ParsedNetwork NetworkReader::read() {
  for (const auto &source : texts.routes)
    readRoutes(source);
  parsed.network = network;
  return std::move(parsed);
}

} // namespace

ParsedNetwork parseNetwork(const NetworkTexts &texts) {
  return NetworkReader(texts).read();
}

} // namespace iptlint::parse
