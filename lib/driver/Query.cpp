#include "driver/Query.h"
#include "driver/Assumptions.h"
#include "driver/Loadable.h"
#include "driver/MatchWords.h"
#include "driver/ReadNetwork.h"
#include "driver/ReadWhole.h"
#include "query/Groups.h"
#include "query/Words.h"
#include "report/Line.h"
#include "report/Query.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

namespace {

/// One run of the command.
class Asker {
public:
  Asker(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err)
      : options(options), out(out), err(err) {}

  int run();

private:
  bool readRules();
  bool readNetwork();
  report::QueryGroup told(const query::Group &group);
  void confirm(const query::Group &group, report::QueryGroup &told);
  report::QueryRule ruleOf(const query::Decider &decider) const;
  void addNotes(report::Query &query) const;
  void refuse(const std::string &message) { err << "iptlint: " << report::printable(message) << "\n"; }

  const Options &options;
  llvm::raw_ostream &out, &err;
  parse::ParsedRules file;
  std::shared_ptr<const ir::Network> network;
  std::optional<ParsedMatch> match;
  eval::Machine machine;
  query::Answer answer;
};

} // namespace

/// The family is that of the match; where it names no address, that of the rules.
bool Asker::readRules() {
  auto source = support::Source::read(options.files.front());
  if (!source) {
    refuse(llvm::toString(source.takeError()));
    return false;
  }
  parse::RulesOptions reading = options.rules;
  reading.normalTexts = true;
  reading.backEnd = reading.backEnd.value_or(ir::BackEnd::Legacy);
  file = parse::parseRules(*source, reading);
  printErrors(*source, file.findings, err);
  packet::Family family =
      familyOf(options.packet).value_or(options.rules.family.value_or(file.rulesets.front().family));
  for (const ir::Ruleset &rules : file.rulesets)
    if (rules.family == family)
      machine.rules = &rules;
  match = readMatch(options.packet, family, options.rules, err);
  return match.has_value();
}

bool Asker::readNetwork() {
  auto read = readWholeNetwork(options.network, options.rules.hosts, err);
  if (!read)
    return false;
  network = *read ? *read : std::make_shared<const ir::Network>();
  machine.network = network.get();
  return true;
}

report::QueryRule Asker::ruleOf(const query::Decider &decider) const {
  const ir::Table &table = machine.rules->tables[decider.table];
  const ir::Chain &chain = table.chains[decider.chain];
  report::QueryRule told{table.name.str(), chain.name.str(), "", 0, 0};
  if (decider.policy)
    return told;
  const ir::Rule &rule = chain.rules[decider.rule];
  told.rule = decider.rule + 1;
  told.line = machine.rules->lineColumn(rule.at).line;
  told.words = llvm::join(rule.words, " ");
  return told;
}

/// The journey of the example has to come to the same end.
void Asker::confirm(const query::Group &group, report::QueryGroup &told) {
  if (!group.example || group.fate.ending == query::Ending::Unknown)
    return;
  bool complete = true;
  std::vector<eval::Trip> trips = query::tripsOf(machine, answer, *group.example, complete);
  bool agreed = llvm::any_of(
      trips, [&](const eval::Trip &trip) { return query::agrees(answer, group.fate, *group.example, trip); });
  if (agreed)
    return;
  told.reason = fmt::format("internal disagreement: query says {}, and trace of the example {}", told.fate,
                            complete ? eval::name(trips.front().ending).str() : "has too many ways");
  told.fate = "unknown";
}

report::QueryGroup Asker::told(const query::Group &group) {
  report::QueryGroup told;
  const query::Fate &fate = group.fate;
  told.fate = query::name(fate.ending).str();
  told.reason = fate.reason;
  told.out = fate.out;
  told.gateway = fate.gateway;
  if (fate.decider)
    told.rule = ruleOf(*fate.decider);
  for (const auto &[field, value] : fate.rewritten)
    told.rewritten.push_back({field, value ? query::valueWords(field, *value, match->question.family) : ""});
  for (const query::Ended *part : group.parts)
    told.conditions.push_back(query::wordsOf(answer, part->part, machine.rules));
  told.packet = group.example;
  confirm(group, told);
  return told;
}

void Asker::addNotes(report::Query &query) const {
  packet::Family family = match->question.family;
  if (!machine.rules)
    query.notes.push_back(fmt::format("there are no IPv{} rules", int(family)));
  if (!network->knowsRoutes.has(family) && !network->knowsAddresses.has(family))
    query.notes.push_back("neither routes nor addresses are known: --routes and --addresses name their texts");
  query.notes.push_back(
      "packets are plain ones where the match does not say otherwise, and begin a flow: see docs/query.md");
}

int Asker::run() {
  if (!readRules() || !readNetwork())
    return kExitUnreadable;
  machine.nft = options.rules.backEnd == ir::BackEnd::Nft;
  if (std::string why = machine.rules ? whyNotLoaded(*machine.rules, machine.nft) : ""; !why.empty()) {
    refuse(machine.rules->source->path().str() + ": " + why);
    return kExitUndecided;
  }
  eval::Routing routing(*network);
  machine.routing = &routing;
  auto assumptions = parseAssumptions(options.assume, err);
  if (!assumptions)
    return kExitUnreadable;
  match->question.assumptions = std::move(*assumptions);
  answer = query::ask(machine, match->question);
  printUnused(match->question.assumptions, err);
  std::vector<query::Group> groups = query::groupsOf(answer);
  report::Query query;
  addNotes(query);
  size_t shown = options.limit == 0 ? groups.size() : std::min(options.limit, groups.size());
  for (size_t i = 0; i != shown; ++i)
    query.groups.push_back(told(groups[i]));
  query.leftOut = groups.size() - shown;
  bool isUnknown =
      llvm::any_of(groups, [](const query::Group &group) { return group.fate.ending == query::Ending::Unknown; }) ||
      llvm::any_of(query.groups, [](const report::QueryGroup &group) { return group.fate == "unknown"; });
  if (options.format == Format::Json)
    report::printQueryJson(query, out);
  else
    report::printQuery(query, out);
  return file.incomplete ? kExitUnreadable : isUnknown ? kExitUndecided : kExitClean;
}

int runQuery(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  return Asker(options, out, err).run();
}

} // namespace iptlint::driver
