#include "driver/Trace.h"
#include "driver/Assumptions.h"
#include "driver/Loadable.h"
#include "driver/ReadNetwork.h"
#include "driver/ReadWhole.h"
#include "driver/TraceSteps.h"
#include "driver/WhyNot.h"
#include "parse/Hosts.h"
#include "parse/PacketWords.h"
#include "report/Line.h"
#include "report/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using packet::Field;
using packet::Packet;

namespace {

/// One run of the command.
class Tracer {
public:
  Tracer(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err)
      : options(options), out(out), err(err) {}

  int run();

private:
  bool readPacket();
  bool readRules();
  bool readNetwork();
  bool readAssumptions();
  bool takesTypes();
  void refuse(const std::string &message) { err << "iptlint: " << report::printable(message) << "\n"; }

  eval::Completed complete();
  bool takesFrame(eval::Traveller &traveller);
  void addNotes(report::Trace &trace) const;
  void summarise(report::Trace &trace) const;
  void print(const report::Trace &trace);

  const Options &options;
  llvm::raw_ostream &out, &err;
  parse::ParsedPacket packet;
  std::vector<parse::ParsedRules> files;
  std::shared_ptr<const ir::Network> network;
  eval::StoryOptions story;
  eval::Machine machine;
  bool incomplete = false; ///< not every line of the rules could be read
};

} // namespace

// --- what is read

/// What a packet must have and nobody can guess; empty if it has.
static std::string whatIsMissing(const parse::ParsedPacket &parsed) {
  auto given = [&](Field field) { return parsed.given[unsigned(field)]; };
  const Packet &packet = parsed.packet;
  if (!given(Field::Proto))
    return "the packet needs its protocol, -p, or a URL";
  if (!given(Field::Dst))
    return "the packet needs its destination, -d, or a URL";
  if (!given(Field::Src) && packet.hook() == packet::Hook::Prerouting)
    return "a packet that comes by an interface needs its source, -s";
  bool whole = packet[Field::Fragment] == packet::Value(packet::Fragment::Whole);
  if (packet::hasPorts(unsigned(packet[Field::Proto])) && whole && !given(Field::Dport))
    return "the packet needs its port, --dport";
  if (given(Field::Out) && packet.hook() == packet::Hook::Prerouting)
    return "which interface a packet leaves by is for routing to say; -o is for packets of this machine, whose socket "
           "is bound";
  return "";
}

bool Tracer::readPacket() {
  packet = parse::parsePacket(options.packet, {options.rules.family, options.rules.hosts.get()});
  report::printText({{packet.source, {}, packet.findings, 0}}, /*colour=*/false, err);
  if (!packet.findings.empty())
    return false;
  std::string missing = whatIsMissing(packet);
  if (!missing.empty())
    refuse(missing);
  return missing.empty();
}

bool Tracer::readRules() {
  parse::RulesOptions reading = options.rules;
  reading.normalTexts = true;
  reading.backEnd = reading.backEnd.value_or(ir::BackEnd::Legacy);
  for (const std::string &path : options.files) {
    auto source = support::Source::read(path);
    if (!source) {
      refuse(llvm::toString(source.takeError()));
      return false;
    }
    files.push_back(parse::parseRules(*source, reading));
    printErrors(*source, files.back().findings, err);
    incomplete |= files.back().incomplete;
  }
  for (const parse::ParsedRules &file : files)
    for (const ir::Ruleset &rules : file.rulesets)
      if (rules.family == packet.packet.family && !rules.tables.empty()) {
        if (machine.rules) {
          refuse(fmt::format("{} and {} both have IPv{} rules; a packet is traced through one of them",
                             machine.rules->source->path().str(), rules.source->path().str(), int(rules.family)));
          return false;
        }
        machine.rules = &rules;
      }
  return true;
}

bool Tracer::readNetwork() {
  auto read = readWholeNetwork(options.network, options.rules.hosts, err);
  if (!read)
    return false;
  network = *read ? *read : std::make_shared<const ir::Network>();
  machine.network = network.get();
  return true;
}

bool Tracer::readAssumptions() {
  auto assumptions = parseAssumptions(options.assume, err);
  if (!assumptions)
    return false;
  story.assumptions = std::move(*assumptions);
  story.reply = options.reply;
  story.mostPaths = options.ways;
  return true;
}

// --- what is asked

/// A frame for another machine does not come further; one that is for all, or a group, is not forwarded.
bool Tracer::takesFrame(eval::Traveller &traveller) {
  if (!packet.macDestination)
    return true;
  std::string in = packet::interfaceName(traveller.packet[Field::In]);
  auto found = llvm::find_if(network->interfaces, [&](const ir::Interface &each) { return each.name == in; });
  packet::Value mac = *packet.macDestination, everybody = packet::kNoMac - 1;
  packet::PktType type = packet::PktType::OtherHost;
  if (mac == everybody)
    type = packet::PktType::Broadcast;
  else if (mac >> 40 & 1)
    type = packet::PktType::Multicast;
  else if (found == network->interfaces.end() || !found->mac) {
    refuse("--mac-destination needs --addresses with the MAC address of " + (in.empty() ? "the interface" : in));
    return false;
  } else if (mac == *found->mac) {
    type = packet::PktType::Host;
  }
  traveller.packet[Field::PktType] = packet::Value(type);
  return true;
}

// --- what is told

/// What was not said of the packet, as words: "sport 40000, ctstate NEW".
static std::string assumedWords(const eval::Completed &completed) {
  std::string words;
  for (Field field : completed.assumed)
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", packet::name(field).str(),
                         eval::valueWords(field, completed.traveller.packet[field], completed.traveller.packet.family));
  return words;
}

void Tracer::addNotes(report::Trace &trace) const {
  for (const parse::UnseenPart &part : packet.unseen)
    trace.notes.push_back(fmt::format("no rule sees the {} {}", part.what.str(), part.text));
  if (!machine.rules)
    trace.notes.push_back(fmt::format("there are no IPv{} rules in the text; --family={} says that they are", int(packet.packet.family), int(packet.packet.family)));
  std::string missing;
  for (llvm::StringRef name : {"raw", "mangle", "nat", "filter"})
    if (machine.rules &&
        llvm::none_of(machine.rules->tables, [&](const ir::Table &table) { return table.name == name; }))
      missing += (missing.empty() ? "" : ", ") + name.str();
  if (!missing.empty())
    trace.notes.push_back("not in the text and taken to be empty: " + missing);
  if (!network->knowsRoutes.has(packet.packet.family) && !network->knowsAddresses.has(packet.packet.family))
    trace.notes.push_back("neither routes nor addresses are known: --routes and --addresses name their texts");
}

static std::string fatesOf(const report::Trace &trace) {
  std::vector<std::string> fates;
  for (const report::TracePath &path : trace.paths)
    if (!llvm::is_contained(fates, path.asked().fate))
      fates.push_back(path.asked().fate);
  return llvm::join(fates, " or ");
}

/// One fate where all ways have the same.
void Tracer::summarise(report::Trace &trace) const {
  const report::TraceLeg &first = trace.paths.front().asked();
  bool same = llvm::all_of(trace.paths, [&](const report::TracePath &path) { return path.asked().fate == first.fate; });
  trace.fate = same && trace.complete ? first.fate : "unknown";
  bool sameReason =
      llvm::all_of(trace.paths, [&](const report::TracePath &path) { return path.asked().reason == first.reason; });
  trace.reason = !trace.complete
                     ? fmt::format("there are more than {} ways, which is as many as were followed", trace.paths.size())
                 : !same      ? "it depends on what is not known, or on chance: " + fatesOf(trace)
                 : sameReason ? first.reason
                              : "";
}

void Tracer::print(const report::Trace &trace) {
  switch (options.treeFormat) {
  case TreeFormat::Text:
    return report::printTrace(trace, out);
  case TreeFormat::Json:
    return report::printTraceJson(trace, out);
  case TreeFormat::Dot:
    return report::printTraceDot(trace, out);
  }
}

int Tracer::run() {
  if (!readPacket() || !readRules() || !readNetwork() || !readAssumptions())
    return kExitUnreadable;
  machine.nft = options.rules.backEnd == ir::BackEnd::Nft;
  if (std::string why = machine.rules ? whyNotLoaded(*machine.rules, machine.nft) : ""; !why.empty()) {
    refuse(machine.rules->source->path().str() + ": " + why);
    return kExitUndecided;
  }
  eval::Routing routing(*network);
  machine.routing = &routing;
  std::optional<WhyNot> whyNot = WhyNot::read(options.whyNot, machine, err);
  if (!options.whyNot.empty() && !whyNot)
    return kExitUnreadable;
  if (whyNot)
    machine.watched = whyNot->watched();
  eval::Completed completed = eval::complete(packet.packet, packet.given, *network);
  if (!takesFrame(completed.traveller))
    return kExitUnreadable;
  eval::Story told = eval::tell(machine, completed.traveller, story);
  report::Trace trace;
  trace.path = options.files.front();
  trace.assumed = completed.assumed;
  trace.assumedWords = assumedWords(completed);
  trace.complete = told.complete;
  trace.paths = pathsOf(told, machine);
  addNotes(trace);
  summarise(trace);
  if (whyNot)
    trace.whyNot = whyNot->explain(told);
  print(trace);
  printUnused(story.assumptions, err);
  return incomplete ? kExitUnreadable : trace.fate == "unknown" ? kExitUndecided : kExitClean;
}

int runTrace(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  return Tracer(options, out, err).run();
}

} // namespace iptlint::driver
