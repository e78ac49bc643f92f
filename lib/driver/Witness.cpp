#include "driver/Witness.h"
#include "driver/Assumed.h"
#include "driver/ReadWhole.h"
#include "driver/Sendable.h"
#include "driver/Settle.h"
#include "lint/Facts.h"
#include "parse/Parse.h"
#include "report/Line.h"
#include "report/Witness.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace iptlint::driver {

using analysis::DeadBecause;
using analysis::Status;
using lint::Facts;
using lint::RuleFacts;
using report::RuleWitness;
using report::WitnessStatus;

static report::RulePlace placeOf(const Facts &facts, const lint::TableFacts &table, ir::RuleId id) {
  const ir::Chain &chain = table.table->chains[id.chain];
  return {{table.table->name.str(), chain.name.str(), id.rule + 1}, facts.ruleset->lineColumn(chain.rules[id.rule].at).line};
}

/// Live, except that in a fragment rules that are loaded already may take the packet first.
static void tellLive(const RuleFacts &rule, bool tracked, RuleWitness &out) {
  if (rule.table.table->fragment) {
    out.because = "no rule here takes its packets, but this is a fragment: rules loaded before it may";
    return;
  }
  out.status = WitnessStatus::Live;
  out.packet = withoutIdleAssumptions(*rule.reach().witness, *rule.table.table, rule.id);
  out.assumedState = rule.reach().assumedState;
  out.because = out.assumedState.empty() ? whyNotSendable(*out.packet, rule.table.table->name, tracked) : "it depends on conditions that keep state";
  out.sendable = out.because.empty();
}

static std::string whyDead(const RuleFacts &rule) {
  switch (rule.reach().because) {
  case DeadBecause::NeverMatches:
    return "no packet meets its conditions";
  case DeadBecause::Unreachable:
    return "no packet arrives";
  case DeadBecause::NotArriving:
    return rule.chain().hook ? "earlier rules take or change all packets that it asks for" : "no packet that it asks for enters its chain";
  case DeadBecause::Taken:
    return "earlier rules take its packets";
  }
  return "";
}

/// In a fragment, what leads to a chain may be loaded already; whatever is dead for another reason stays so.
static bool mayBeEntered(const RuleFacts &rule) {
  return rule.table.table->fragment && !rule.inUsedChain() && !rule.deadBecause(DeadBecause::NeverMatches);
}

static void tellDead(const Facts &facts, const RuleFacts &rule, RuleWitness &out) {
  if (mayBeEntered(rule)) {
    out.because = "nothing here leads to its chain, but this is a fragment: rules loaded before it may";
    return;
  }
  out.status = WitnessStatus::Dead;
  out.because = whyDead(rule);
  for (const analysis::Taker &taker : rule.reach().takers)
    out.takenBy.push_back(placeOf(facts, rule.table, taker.rule));
  out.takenByMore = rule.reach().takersIncomplete;
}

/// Of a run of rules that no packet arrives at, the first one has the takers.
static std::set<ir::RuleId> takersOf(const RuleFacts &rule) {
  RuleFacts first{rule.table, rule.id};
  while (first.deadBecause(DeadBecause::Unreachable) && first.reach().takers.empty() && first.id.rule != 0)
    --first.id.rule;
  std::set<ir::RuleId> takers;
  if (first.reach().because == rule.reach().because)
    for (const analysis::Taker &taker : first.reach().takers)
      takers.insert(taker.rule);
  return takers;
}

/// Where the solver finds a packet for a rule that is called dead, nothing is known.
static void addCertificate(const Facts &facts, const RuleFacts &rule, const smt::Arrivals &arrivals,
                           std::chrono::milliseconds budget, RuleWitness &out) {
  std::set<ir::RuleId> takers = takersOf(rule);
  out.certificate = certify(arrivals, rule.id, takers, budget);
  for (ir::RuleId taker : takers)
    out.certificate->by.push_back(placeOf(facts, rule.table, taker));
  if (out.certificate->result != report::Certificate::Result::Refuted)
    return;
  out.status = WitnessStatus::Unknown;
  out.because = out.certificate->reason;
  out.takenBy.clear();
}

static RuleWitness tell(const Facts &facts, const RuleFacts &rule, bool tracked) {
  RuleWitness out;
  out.path = facts.ruleset->source->path().str();
  out.rule = placeOf(facts, rule.table, rule.id);
  switch (rule.reach().status) {
  case Status::Live:
    tellLive(rule, tracked, out);
    break;
  case Status::Dead:
    tellDead(facts, rule, out);
    break;
  case Status::Unknown:
    out.because = rule.reach().reason;
    break;
  }
  return out;
}

static Facts factsOf(const ir::Ruleset &ruleset, const Options &options) {
  lint::GatherOptions gather;
  gather.backEnd = options.rules.backEnd.value_or(ir::BackEnd::Legacy);
  gather.budget = options.budget;
  gather.witnesses = true;
  gather.perTable = true;
  gather.everyTaker = options.allTakers;
  Facts facts = lint::gatherFacts(ruleset, gather);
  if (options.solver)
    settle(facts, options.timeout);
  return facts;
}

static void tellRules(const ir::Ruleset &ruleset, const Options &options, std::vector<RuleWitness> &out) {
  Facts facts = factsOf(ruleset, options);
  bool tracked = llvm::any_of(facts.tables, [](const lint::TableFacts &table) { return analysis::usesConntrack(*table.table); });
  std::map<const lint::TableFacts *, smt::Arrivals> arrivals;
  lint::eachRule(facts, [&](const RuleFacts &rule) {
    out.push_back(tell(facts, rule, tracked));
    if (options.certificate && out.back().status == WitnessStatus::Dead)
      addCertificate(facts, rule, arrivals.try_emplace(&rule.table, ruleset, *rule.table.table).first->second, options.timeout, out.back());
  });
}

static bool isRefuted(const RuleWitness &rule) {
  return rule.certificate && rule.certificate->result == report::Certificate::Result::Refuted;
}

int runWitness(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  auto source = support::Source::read(options.files.front());
  if (!source) {
    err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
    return kExitUnreadable;
  }
  parse::ParsedRules parsed = parse::parseRules(*source, options.rules);
  std::vector<RuleWitness> rules;
  for (const ir::Ruleset &ruleset : parsed.rulesets)
    tellRules(ruleset, options, rules);
  if (options.format == Format::Json)
    report::printWitnessesJson(rules, out);
  else
    report::printWitnesses(rules, out);
  printErrors(*source, parsed.findings, err);
  return parsed.incomplete ? kExitUnreadable : llvm::any_of(rules, isRefuted) ? kExitUndecided : kExitClean;
}

} // namespace iptlint::driver
