// Ports that INPUT refuses and that are reached all the same, since an agent's DNAT sends their packets through
// FORWARD.
//
// A packet is looked for that INPUT would refuse, that nat rewrites before it gets there, and that FORWARD accepts as
// rewritten. Only what Docker and its like translate counts: who writes a DNAT knows where it leads. That
// the new address is not the machine's own is known from the rule of FORWARD that names it with an interface.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Published.h"
#include "lint/Strangers.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <set>

namespace iptlint::lint::checks {

using packet::Field;
using packet::Hook;

namespace {

/// Whether INPUT would refuse packets for a port.
struct Question {
  const Published *port;
  std::optional<ir::RuleId> rule; ///< that refuses the port, or lets in only some; nothing: no rule is about it
  analysis::Kind kind;
};

/// One that it would.
struct Refused {
  std::optional<ir::RuleId> rule;
  Arrival arrival;
};

} // namespace

// --- what INPUT says

static bool isAbout(const ir::Rule &rule, Port port) {
  const ir::RangeTest *ports = rangeOf(rule, Field::Dport);
  return ports && !ports->negated &&
         llvm::any_of(ports->ranges, [&](ir::Interval of) { return of.lo <= port.number && port.number <= of.hi; });
}

static bool isForSome(const ir::Rule &rule) {
  return rangeOf(rule, Field::Src) || rangeOf(rule, Field::In);
}

/// What comes from outside.
static analysis::Kind packetsTo(const Published &published, packet::Family family) {
  analysis::Kind kind = plainNew(Hook::Input);
  addProtocol(kind, published.port.protocol);
  kind.push_back(unlessIn(Field::In, {loopback()}));
  for (Field address : {Field::Src, Field::Dst})
    kind.push_back(unlessIn(address, notOnTheWire(family)));
  kind.insert(kind.end(), published.kind.begin(), published.kind.end());
  return kind;
}

static void addQuestions(const TableFacts &filter, const Published &published, packet::Family family,
                         std::vector<Question> &questions) {
  analysis::Kind any = packetsTo(published, family);
  std::optional<ir::RuleId> restricting;
  bool isRefusedByName = false;
  eachRuleBehind(filter, Hook::Input, [&](const RuleFacts &of) {
    const ir::Rule &rule = of.rule();
    if (!isAbout(rule, published.port) || hasOpaqueTest(rule))
      return;
    if (rule.target.kind == ir::TargetKind::Accept && isForSome(rule) && !restricting)
      restricting = of.id;
    if (!refuses(rule))
      return;
    isRefusedByName = true;
    analysis::Kind kind = any;
    kind.insert(kind.end(), rule.tests.begin(), rule.tests.end());
    questions.push_back({&published, of.id, std::move(kind)});
  });
  if (!isRefusedByName)
    questions.push_back({&published, restricting, std::move(any)});
}

/// Packets that INPUT surely refuses. One that is asked of a rule that refuses, that rule refuses.
static std::vector<Refused> refusedOnes(const Facts &facts, const TableFacts &filter,
                                        llvm::ArrayRef<Question> questions) {
  std::vector<analysis::Kind> kinds;
  for (const Question &question : questions)
    kinds.push_back(question.kind);
  analysis::AdmitsOptions options = askingOf(facts);
  options.tellNo = false;
  auto found = analysis::admits(*filter.table, facts.ruleset->family, filter.graph, Hook::Input,
                                analysis::Ending::Refused, kinds, options);
  std::vector<Refused> refused;
  for (size_t i = 0; i != found.size(); ++i) {
    std::optional<ir::RuleId> rule = questions[i].rule;
    bool isElsewhere = rule && refuses(RuleFacts{filter, *rule}.rule()) && found[i].by != rule;
    if (found[i].answer == analysis::Answer::Yes && !isElsewhere)
      refused.push_back({rule, {questions[i].port, found[i].packet}});
  }
  return refused;
}

// --- what is said

static void reportRule(const Facts &facts, const TableFacts &nat, const RuleFacts &rule, const Refused &refused,
                       const Passage &passage, Reporter &report) {
  const Published &port = *refused.arrival.port;
  RuleFacts dnat{nat, port.rule};
  const TableFacts &filter = rule.table;
  Finding finding =
      report.add(rule, fmt::format("{}, which this rule {}, is reached past INPUT: {} sends its packets on to {}: {}",
                                   wordsFor(port.port), refuses(rule.rule()) ? "refuses" : "opens to some",
                                   agentOfRule(dnat).str(), destinationOf(port, facts.ruleset->family),
                                   wordsFor(refused.arrival.packet)));
  finding.note(dnat, "this DNAT rule takes them before INPUT");
  if (passage.accepted)
    finding.note(filter, *passage.accepted, "this rule accepts them in FORWARD");
  else
    finding.note(filter, *chainOf(filter, Hook::Forward), "the policy of FORWARD accepts them");
}

static bool hasUfw(const TableFacts &filter) {
  return llvm::any_of(filter.table->chains,
                      [&](const ir::Chain &chain) { return agentOfChain(*filter.table, chain.name) == "ufw"; });
}

/// ufw closes what it is not told to open, and does not show what Docker opens.
static void reportUfw(const TableFacts &filter, const std::set<Port> &ports, Reporter &report) {
  if (ports.empty() || !hasUfw(filter))
    return;
  std::string words = wordsFor(std::vector<Port>(ports.begin(), ports.end()));
  report
      .add(filter, *chainOf(filter, Hook::Input),
           fmt::format("ufw opens nothing, and yet {} {} reached past INPUT by DNAT", words,
                       ports.size() == 1 ? "is" : "are"))
      .severity(support::Severity::Info);
}

static void reportAll(const Facts &facts, const TableFacts &nat, const TableFacts &filter,
                      llvm::ArrayRef<Refused> refused, Reporter &report) {
  std::vector<Arrival> arrivals;
  for (const Refused &of : refused)
    arrivals.push_back(of.arrival);
  auto passages = passagesOf(facts, nat, filter, arrivals);
  std::set<ir::RuleId> rules;
  std::set<Port> named, unnamed;
  for (size_t i = 0; i != refused.size(); ++i) {
    if (!passages[i])
      continue;
    const Refused &of = refused[i];
    (of.rule ? named : unnamed).insert(of.arrival.port->port);
    if (of.rule && rules.insert(*of.rule).second)
      reportRule(facts, nat, RuleFacts{filter, *of.rule}, of, *passages[i], report);
  }
  for (Port port : named)
    unnamed.erase(port);
  reportUfw(filter, unnamed, report);
}

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = wholeFilter(facts), *nat = wholeTable(facts, "nat");
  if (facts.perTable || !filter || !nat || !chainOf(*filter, Hook::Input))
    return;
  std::vector<Published> published = publishedPorts(*nat, *filter);
  std::vector<Question> questions;
  for (const Published &port : published)
    addQuestions(*filter, port, facts.ruleset->family, questions);
  if (questions.empty())
    return;
  std::vector<Refused> refused = refusedOnes(facts, *filter, questions);
  if (!refused.empty())
    reportAll(facts, *nat, *filter, refused, report);
}

extern constinit const Check docker_bypass = {
    .id = "docker-bypass",
    .summary = "a port that INPUT refuses, reached all the same by way of Docker's DNAT",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
