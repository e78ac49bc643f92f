// Any bytes as sets, as names of hosts and as what surrounds rules: the readers do not crash, and what they find lies in the text.
// Rules may ask about every set that was read. Hosts that are added twice are there once. Routes that are read without
// an error are printed as they were. A network that is read twice from one text has nothing twice but routes and rules.
//
// The first byte says which: `0` sets, `1` hosts, `2` routes, `3` routing rules, `4` addresses, `5` bridges, `6` settings.
#include "Demand.h"
#include "emit/Emit.h"
#include "ir/Network.h"
#include "parse/Hosts.h"
#include "parse/Parse.h"
#include "llvm/ADT/StringExtras.h"

using namespace iptlint;
using fuzz::demand;

/// A rule for each set, in one direction and in three.
static std::string rulesAbout(const ir::Sets &sets) {
  std::string rules = "*filter\n";
  for (const ir::Set &set : sets.sets)
    for (const char *directions : {"src", "dst,src,src"})
      rules += ("-A INPUT -m set --match-set \"" + set.name + "\" " + directions + " -j DROP\n").str();
  return rules + "COMMIT\n";
}

static void trySets(llvm::StringRef text) {
  parse::ParsedSets parsed = parse::parseSets({support::Source::fromText(text)});
  for (const parse::ParsedSets::File &file : parsed.files)
    fuzz::demandInside(file.findings, text);
  for (const ir::Set &set : parsed.sets->sets) {
    demand(fuzz::isInside(set.at, text), "a set lies outside the text", set.name);
    for (const ir::SetMember &member : set.members)
      demand(fuzz::isInside(member.at, text), "a member lies outside the text", set.name);
  }
  std::string rules = rulesAbout(*parsed.sets);
  for (packet::Family family : {packet::Family::IPv4, packet::Family::IPv6})
    fuzz::demandInside(parse::parseRules(support::Source::fromText(rules),
                                         {.family = family, .form = ir::Form::Save, .sets = parsed.sets})
                           .findings,
                       rules);
}

static void tryHosts(llvm::StringRef text) {
  parse::Hosts once, twice;
  once.add(text);
  demand(twice.add(text) == twice.add(text), "a line begins with an address and then does not", text);
  llvm::SmallVector<llvm::StringRef> words;
  llvm::SplitString(text, words, " \t\n\r\v\f#");
  for (llvm::StringRef word : words)
    for (packet::Family family : {packet::Family::IPv4, packet::Family::IPv6})
      demand(once.find(word, family) == twice.find(word, family), "added twice, it has other addresses", word);
}

static void tryRoutes(llvm::StringRef text) {
  parse::ParsedRoutes parsed = parse::parseRoutes(support::Source::fromText(text));
  fuzz::demandInside(parsed.findings, text);
  for (const ir::Route &route : parsed.routes.routes)
    demand(fuzz::isInside(route.at, text), "a route lies outside the text", text);
  std::string printed = emit::routesText(parsed.routes);
  demand(parsed.incomplete || printed == text, "routes are printed otherwise", printed);
}

static void demandPlaces(const ir::Network &network, llvm::StringRef text) {
  auto isIn = [&](const ir::Place &place) { return place.source < network.sources.size() && fuzz::isInside(place.at, text); };
  for (const ir::Interface &interface : network.interfaces) {
    demand(isIn(interface.place), "an interface lies outside the text", interface.name);
    for (const ir::InterfaceAddress &address : interface.addresses)
      demand(isIn(address.place), "an address lies outside the text", interface.name);
  }
  for (const ir::Bridge &bridge : network.bridges)
    demand(isIn(bridge.place), "a bridge lies outside the text", bridge.name);
  for (const ir::RoutingRule &rule : network.rules)
    demand(isIn(rule.place), "a rule lies outside the text", text);
  for (const ir::Setting &setting : network.settings)
    demand(isIn(setting.place), "a setting lies outside the text", setting.name);
}

/// \param kind  where the text belongs.
static void tryNetwork(parse::NetworkTexts::Sources parse::NetworkTexts::*kind, llvm::StringRef text) {
  parse::NetworkTexts once, twice;
  once.*kind = {support::Source::fromText(text)};
  twice.*kind = {support::Source::fromText(text), support::Source::fromText(text)};
  parse::ParsedNetwork parsed = parse::parseNetwork(once), again = parse::parseNetwork(twice);
  for (const parse::ParsedNetwork::File &file : parsed.files)
    fuzz::demandInside(file.findings, text);
  demandPlaces(*parsed.network, text);
  bool addsUp = again.network->interfaces.size() == parsed.network->interfaces.size() &&
                again.network->bridges.size() == parsed.network->bridges.size() &&
                again.network->settings.size() == parsed.network->settings.size() &&
                again.network->rules.size() == 2 * parsed.network->rules.size();
  demand(addsUp, "read twice, it says something else", emit::networkText(*again.network));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  llvm::StringRef text(reinterpret_cast<const char *>(data) + 1, size - 1);
  switch (data[0] % 16) {
  case 0:
    trySets(text);
    break;
  case 1:
    tryHosts(text);
    break;
  case 2:
    tryRoutes(text);
    tryNetwork(&parse::NetworkTexts::routes, text);
    break;
  case 3:
    tryNetwork(&parse::NetworkTexts::rules, text);
    break;
  case 4:
    tryNetwork(&parse::NetworkTexts::addresses, text);
    break;
  case 5:
    tryNetwork(&parse::NetworkTexts::bridges, text);
    break;
  case 6:
    tryNetwork(&parse::NetworkTexts::settings, text);
    break;
  }
  return 0;
}
