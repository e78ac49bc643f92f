#include "Compare.h"
#include "Explanation.h"
#include "Palette.h"
#include <fmt/format.h>

namespace iptlint::oracle {

using analysis::DeadBecause;
using analysis::RuleReach;
using analysis::Status;
using ir::RuleId;

namespace {

/// The comparison of one table.
class Comparison {
public:
  Comparison(const ir::Table &table, const Universe &universe, const analysis::TableReach &reach, const Effort &effort,
             Tally &tally)
      : table(table), universe(universe), reach(reach), effort(effort), tally(tally),
        traces(tracesOf(table, universe)) {}

  std::optional<Complaint> run();

private:
  void checkRule();
  void checkLive();
  void checkWitness(const Packet &witness);
  void checkAssumedState(const Packet &witness);
  void checkRedundancy();
  void checkMadeRedundantBy();
  void checkDead();
  void checkBroken();
  bool isHit() const;
  bool mayBeJumpedTo() const;
  bool isHitByJump() const;
  bool getsToState() const;
  const ir::Rule &rule() const { return table.chains[id.chain].rules[id.rule]; }
  const RuleReach &said() const { return reach[id]; }
  template <typename... Args> void complain(fmt::format_string<Args...> text, Args &&...args) {
    if (!complaint)
      complaint = Complaint{id, fmt::format(text, std::forward<Args>(args)...)};
  }

  const ir::Table &table;
  const Universe &universe;
  const analysis::TableReach &reach;
  const Effort &effort;
  Tally &tally;
  std::vector<Trace> traces;
  RuleId id;
  std::optional<Complaint> complaint;
};

/// Answers conditions with state as a witness assumes, and everything else in every way.
class AssumedState : public EveryAnswer {
public:
  AssumedState(const Space &space, const std::vector<std::pair<std::string, bool>> &assumed)
      : EveryAnswer(space), assumed(assumed) {}

  /// A text that is assumed both ways may fall either way.
  bool meets(const ir::OpaqueTest &test) override {
    bool mayHold = false, mayFail = false;
    for (const auto &[text, holds] : assumed)
      if (text == test.text)
        (holds ? mayHold : mayFail) = true;
    return mayHold == mayFail ? EveryAnswer::meets(test) : mayHold;
  }

private:
  const std::vector<std::pair<std::string, bool>> &assumed;
};

/// Whether a packet in a chain may come to another one; to itself, too.
bool leadsTo(const analysis::CallGraph &graph, uint32_t from, uint32_t to) {
  return from == to ||
         llvm::any_of(graph.callees[from], [&](const analysis::CallGraph::Site &site) { return leadsTo(graph, site.target, to); });
}

/// Lets rules that could not be read jump to every chain that does not lead back to them.
class EveryJump : public EveryAnswer {
public:
  EveryJump(const Space &space, const ir::Table &table) : EveryAnswer(space), graph(analysis::buildCallGraph(table)), table(table) {}

  std::optional<uint32_t> brokenRuleJumps(RuleId rule) override {
    std::vector<uint32_t> chains;
    for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
      if (!table.chains[chain].hook && !leadsTo(graph, chain, rule.chain))
        chains.push_back(chain);
    unsigned chosen = choose(unsigned(chains.size()) + 1);
    return chosen == 0 ? std::nullopt : std::optional(chains[chosen - 1]);
  }

private:
  analysis::CallGraph graph;
  const ir::Table &table;
};

} // namespace

bool Comparison::isHit() const {
  return llvm::any_of(traces, [&](const Trace &trace) { return hits(trace.outcome, id); });
}

/// Whether some run evaluates a condition of the rule that keeps state.
bool Comparison::getsToState() const {
  auto isOfRule = [&](const ir::OpaqueTest *evaluated) {
    return llvm::any_of(rule().tests,
                        [&](const ir::Test &test) { return std::get_if<ir::OpaqueTest>(&test) == evaluated; });
  };
  return llvm::any_of(traces, [&](const Trace &trace) { return llvm::any_of(trace.evaluated, isOfRule); });
}

void Comparison::checkAssumedState(const Packet &witness) {
  AssumedState answers(universe.space, said().assumedState);
  do {
    answers.begin();
    if (hits(eval::evaluate(table, witness, answers), id))
      return;
  } while (answers.another());
  complain("the witness does not hit the rule with the state it assumes: {}", packet::inIptablesWords(witness));
}

void Comparison::checkWitness(const Packet &witness) {
  for (Field field : {Field::In, Field::Out})
    if (!possibleAt(witness.hook(), field, witness[field]))
      complain("the witness has an interface that cannot be: {}", packet::inIptablesWords(witness));
  for (unsigned field = 0; field != packet::kFieldCount; ++field)
    if (witness.values[field] > packet::maxValue(Field(field), witness.family))
      complain("the witness has a {} that cannot be", packet::name(Field(field)).str());
  if (!llvm::is_contained(universe.space.hooks, witness.hook()))
    complain("the witness enters at a hook the table has no chain for");
  if (!someRunHits(table, universe.space, witness, id))
    complain("the witness does not hit the rule: {} at {}", packet::inIptablesWords(witness),
             packet::name(witness.hook()).str());
}

/// The rule that is said to do the same must match a packet that the rule matches, once that one is gone.
void Comparison::checkMadeRedundantBy() {
  RuleId by = *said().madeRedundantBy;
  if (by.chain >= table.chains.size() || by.rule >= table.chains[by.chain].rules.size() || by == id)
    return complain("made redundant by a rule that is none");
  RuleId moved = by;
  if (moved.chain == id.chain && moved.rule > id.rule)
    --moved.rule;
  ir::Table rest = without(table, id);
  for (const Packet &packet : universe.packets)
    if (someRunHits(table, universe.space, packet, id) && someRunHits(rest, universe.space, packet, moved))
      return;
  complain("made redundant by a rule that matches none of its packets: {}", textOf(table, by));
}

void Comparison::checkRedundancy() {
  if (!said().redundantWhenLive && !effort.countMissed)
    return;
  bool truly = rule().target.kind != ir::TargetKind::None && fareAlike(table, traces, without(table, id), universe);
  if (effort.countMissed) {
    tally.redundantSampled += truly;
    tally.redundantMissed += truly && !said().redundantWhenLive;
  }
  if (!said().redundantWhenLive)
    return;
  ++tally.calledRedundant;
  if (!truly)
    return complain("it is called redundant, but without it some packet fares otherwise");
  if (said().madeRedundantBy)
    checkMadeRedundantBy();
}

void Comparison::checkLive() {
  ++tally.live;
  if (said().status != Status::Live)
    return complain("it is live, but is called {}",
                    said().status == Status::Dead ? "dead" : "unknown: " + said().reason);
  if (!said().witness)
    return complain("it is live, but there is no witness");
  checkWitness(*said().witness);
  if (!complaint)
    checkAssumedState(*said().witness);
  if (!complaint && effort.explanations)
    checkRedundancy();
}

/// Whether a rule that could not be read may stand for a jump to the rule's chain, or to one before it.
bool Comparison::mayBeJumpedTo() const {
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (!leadsTo(graph, id.chain, chain) &&
        llvm::any_of(table.chains[chain].rules, [](const ir::Rule &rule) { return rule.broken; }))
      return !table.chains[id.chain].hook;
  return false;
}

bool Comparison::isHitByJump() const {
  EveryJump answers(universe.space, table);
  for (const Packet &packet : universe.packets)
    do {
      answers.begin();
      if (hits(eval::evaluate(table, packet, answers), id))
        return true;
    } while (answers.another());
  return false;
}

void Comparison::checkDead() {
  if (mayBeJumpedTo()) {
    tally.jumpedTo += said().status == Status::Unknown;
    if (said().status == Status::Dead && isHitByJump())
      complain("it is called dead, but what could not be read may jump to its chain");
    return;
  }
  if (said().status != Status::Dead)
    return complain("it is dead, but is called {}",
                    said().status == Status::Live ? "live" : "unknown: " + said().reason);
  if (!effort.explanations)
    return;
  bool effect = getsToState();
  tally.effectWhenDead += effect;
  if (said().hasEffectWhenDead != effect)
    return complain("some packet gets to its conditions with state: {}, but analysis says {}", effect, !effect);
  if (std::optional<std::string> wrong = wrongExplanation(table, universe, id, said(), effort, tally))
    complain("{}", *wrong);
}

/// Nothing is concluded from a rule that could not be read.
void Comparison::checkBroken() {
  ++tally.broken;
  if (said().status != Status::Unknown || said().reason.empty())
    complain("it could not be read, so it must be unknown, with a reason");
}

void Comparison::checkRule() {
  ++tally.rules;
  if (rule().broken)
    checkBroken();
  else if (isHit() || (!effort.exact && said().status == Status::Live))
    checkLive();
  else
    checkDead();
}

std::optional<Complaint> Comparison::run() {
  ++tally.tables;
  for (id.chain = 0; id.chain != table.chains.size(); ++id.chain)
    for (id.rule = 0; id.rule != table.chains[id.chain].rules.size(); ++id.rule) {
      checkRule();
      if (complaint)
        return complaint;
    }
  return std::nullopt;
}

std::optional<Complaint> compare(const ir::Table &table, const Universe &universe, const Effort &effort, Tally &tally) {
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  analysis::ReachOptions options;
  options.explain = effort.explanations;
  options.witnesses = true;
  analysis::TableReach reach = analysis::computeReach(table, universe.space.family, graph, options);
  return Comparison(table, universe, reach, effort, tally).run();
}

std::string textOf(const ir::Table &table, const Complaint &complaint) {
  return fmt::format("{}of the rule {}\n{}\n", textOf(table), textOf(table, complaint.rule), complaint.text);
}

Tally &Tally::operator+=(const Tally &other) {
  static constexpr uint64_t Tally::*counts[] = {
      &Tally::tables,           &Tally::rules,          &Tally::live,  &Tally::broken,         &Tally::neverMatches,
      &Tally::unreachable,      &Tally::notArriving,    &Tally::taken, &Tally::takers,         &Tally::differs,
      &Tally::duplicates,       &Tally::same,           &Tally::open,  &Tally::effectWhenDead, &Tally::calledRedundant,
      &Tally::redundantSampled, &Tally::redundantMissed, &Tally::jumpedTo};
  for (uint64_t Tally::*count : counts)
    this->*count += other.*count;
  return *this;
}

std::string textOf(const Tally &tally) {
  return fmt::format(
      "{} rule sets, {} rules: {} live, {} not readable, {} dead ({} never match, {} unreachable, {} not arriving, {} "
      "taken by "
      "{} takers: {} differ, {} duplicate, {} same, {} not judged; {} with state they act on); {} live ones called "
      "redundant; of {} "
      "in a sample {} were missed; {} left open since what is not readable may lead to them",
      tally.tables, tally.rules, tally.live, tally.broken, tally.rules - tally.live - tally.broken - tally.jumpedTo, tally.neverMatches,
      tally.unreachable, tally.notArriving, tally.taken, tally.takers, tally.differs, tally.duplicates, tally.same,
      tally.open, tally.effectWhenDead, tally.calledRedundant, tally.redundantSampled, tally.redundantMissed, tally.jumpedTo);
}

} // namespace iptlint::oracle
