// The definitions, as they are tested here. Let a packet "be of the rule" if it would get to it and
// match, were all endings, RETURNs and gotos on the way passed over (with the writes done).
//
//   NeverMatches  no packet meets the condition by itself
//   Unreachable   no packet would hit the rule if it had no condition
//   NotArriving   there is no packet of the rule
//   Taken         otherwise
//   takers        each is hit by some packet of the rule; if they alone (with the jumps and gotos that
//                 lead to them) are left of all that takes, the rule is still dead; if any one of them
//                 is not left, it is live
//   agreement     a packet of the rule is taken by the last rule it hits on the way to the rule, which
//                 may be a jump. Let it go on from there, once as it does, once as if this rule stood
//                 there: it fares as the rule asks if it ends in the same way, with the same effects
//                 and mark. Differs: the takers of which all packets fare so do not suffice. (A packet
//                 that a rule with state takes does not count.)
//
// Where what lies between taker and rule changes the packet, both answers are let pass for the
// agreement (Tally::open counts).
#include "Explanation.h"
#include "Palette.h"
#include "Surgery.h"
#include <fmt/format.h>

namespace iptlint::oracle {

using analysis::Agreement;
using analysis::DeadBecause;
using analysis::Taker;
using ir::RuleId;
using ir::TargetKind;

namespace {

/// A packet of the rule: as it enters, and where it would be and how it would look when it hits the rule.
struct Arrival {
  Packet packet;
  Packet state;
  Places places;
};

enum class Fares : uint8_t { Alike, Otherwise, Open };

/// The explanation of one dead rule.
class Explained {
public:
  Explained(const ir::Table &table, const Universe &universe, RuleId id, const analysis::RuleReach &said, Tally &tally)
      : table(table), universe(universe), id(id), said(said), tally(tally) {}

  std::optional<std::string> wrong();

private:
  DeadBecause because();
  void findArrivals();
  std::vector<RuleId> armedWith(llvm::ArrayRef<Taker> takers) const;
  bool isLiveWith(llvm::ArrayRef<Taker> takers) const;
  std::optional<std::string> wrongTakers();
  std::optional<std::string> wrongTaker(const Taker &taker) const;
  std::optional<std::string> wrongPath(const Taker &taker) const;
  bool matchesAPacketOfTheRule(RuleId taker) const;
  std::optional<std::string> wrongAgreement();
  void findTaken();
  bool agreeingTakersSuffice() const;
  Fares fares(const Arrival &arrival, const eval::Outcome &actual) const;
  std::optional<Packet> stateBehind(const Packet &packet, llvm::ArrayRef<eval::Step> steps) const;
  std::vector<Trace> tracesFrom(const Places &places, const Packet &packet) const;
  bool hasTwinAmongTakers() const;
  const ir::Rule &at(RuleId rule) const { return table.chains[rule.chain].rules[rule.rule]; }

  const ir::Table &table;
  const Universe &universe;
  RuleId id;
  const analysis::RuleReach &said;
  Tally &tally;
  std::vector<Arrival> arrivals;

  /// A run of a packet of the rule: who takes it away, and all who sent it somewhere on the way.
  struct Taken {
    RuleId taker;
    std::vector<RuleId> involved;
    Fares fare;
  };
  std::vector<Taken> taken;
};

} // namespace

static const char *name(DeadBecause because) {
  switch (because) {
  case DeadBecause::NeverMatches:
    return "it never matches";
  case DeadBecause::Unreachable:
    return "it is unreachable";
  case DeadBecause::NotArriving:
    return "none of its packets arrive";
  case DeadBecause::Taken:
    return "its packets are taken";
  }
  return "";
}

void Explained::findArrivals() {
  for (ir::Table &open : disarmed(table, id, {})) {
    open.chains[id.chain].rules[id.rule].target = drop().target;
    forEachRun(open, universe, [&](const Packet &packet, const eval::Outcome &outcome, EveryAnswer &) {
      if (outcome.decidedBy == id)
        arrivals.push_back({packet, outcome.packet, placesOf(table, outcome).back()});
      return true;
    });
  }
}

DeadBecause Explained::because() {
  if (neverMatches(at(id), universe))
    return DeadBecause::NeverMatches;
  if (!isReachable(table, universe, id))
    return DeadBecause::Unreachable;
  findArrivals();
  return arrivals.empty() ? DeadBecause::NotArriving : DeadBecause::Taken;
}

std::vector<RuleId> Explained::armedWith(llvm::ArrayRef<Taker> takers) const {
  std::vector<RuleId> armed;
  for (const Taker &taker : takers) {
    armed.push_back(taker.rule);
    armed.insert(armed.end(), taker.path.begin(), taker.path.end());
  }
  return armed;
}

/// Whether the rule is live if only these take packets.
bool Explained::isLiveWith(llvm::ArrayRef<Taker> takers) const {
  bool live = false;
  for (const ir::Table &open : disarmed(table, id, armedWith(takers)))
    forEachRun(open, universe, [&](const Packet &, const eval::Outcome &outcome, EveryAnswer &) {
      live |= hits(outcome, id);
      return !live;
    });
  return live;
}

bool Explained::matchesAPacketOfTheRule(RuleId taker) const {
  return llvm::any_of(
      arrivals, [&](const Arrival &arrival) { return someRunHits(table, universe.space, arrival.packet, taker); });
}

/// A path is a chain of calls that ends in the taker's chain.
std::optional<std::string> Explained::wrongPath(const Taker &taker) const {
  for (size_t step = 0; step != taker.path.size(); ++step) {
    const ir::Target &call = at(taker.path[step]).target;
    uint32_t next = step + 1 == taker.path.size() ? taker.rule.chain : taker.path[step + 1].chain;
    if ((call.kind != TargetKind::Jump && call.kind != TargetKind::Goto) || call.chain != next)
      return fmt::format("the path to the taker {} breaks off at {}", textOf(table, taker.rule),
                         textOf(table, taker.path[step]));
  }
  return std::nullopt;
}

std::optional<std::string> Explained::wrongTaker(const Taker &taker) const {
  if (taker.rule.chain >= table.chains.size() || taker.rule.rule >= table.chains[taker.rule.chain].rules.size())
    return "a taker is no rule of the table";
  if (!mayTake(at(taker.rule)))
    return fmt::format("a taker takes nothing: {}", textOf(table, taker.rule));
  if (!matchesAPacketOfTheRule(taker.rule))
    return fmt::format("a taker gets none of its packets: {}", textOf(table, taker.rule));
  return wrongPath(taker);
}

std::optional<std::string> Explained::wrongTakers() {
  tally.takers += said.takers.size();
  for (const Taker &taker : said.takers)
    if (auto wrong = wrongTaker(taker))
      return wrong;
  if (isLiveWith(said.takers))
    return "the takers leave some of its packets";
  for (size_t spared = 0; spared != said.takers.size(); ++spared) {
    std::vector<Taker> others = said.takers;
    others.erase(others.begin() + spared);
    if (!isLiveWith(others))
      return fmt::format("a taker can be spared: {}", textOf(table, said.takers[spared].rule));
  }
  return std::nullopt;
}

static const ir::Rule &ruleAt(const ir::Table &table, const Place &place) {
  return table.chains[place.chain].rules[place.rule];
}

/// Whether a walk that stands at \p now has the whole way to \p goal before it but for its last place.
static bool isOnTheWay(const Places &now, const Places &goal) {
  if (now.size() > goal.size())
    return false;
  for (size_t depth = 0; depth + 1 < now.size(); ++depth)
    if (now[depth].chain != goal[depth].chain || now[depth].rule != goal[depth].rule)
      return false;
  const Place &last = now.back(), &there = goal[now.size() - 1];
  return last.chain == there.chain && last.rule < there.rule;
}

/// The index of the last step that a walk makes on the way to \p goal, if that step takes the packet: it ends the
/// table, it is a RETURN or a goto, or a jump from which there was no coming back. None: it is not the step that keeps
/// the packet away, but a mark that was set or not set before.
static std::optional<size_t> whereTaken(const ir::Table &table, const std::vector<Places> &places,
                                        const eval::Outcome &outcome, const Places &goal) {
  for (size_t step = places.size(); step-- != 0;) {
    if (!isOnTheWay(places[step], goal))
      continue;
    const ir::Rule &rule = ruleAt(table, places[step].back());
    bool swallowed = rule.target.kind == TargetKind::Jump && outcome.decidedBy && step + 1 != places.size();
    return mayTake(rule) || swallowed ? std::optional(step) : std::nullopt;
  }
  return std::nullopt;
}

static bool hasState(const ir::Rule &rule) {
  return rule.broken || llvm::any_of(rule.tests, [](const ir::Test &test) {
           auto *opaque = std::get_if<ir::OpaqueTest>(&test);
           return opaque && opaque->opacity == ir::Opacity::Stateful;
         });
}

static bool sameSteps(llvm::ArrayRef<eval::Step> one, llvm::ArrayRef<eval::Step> other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](eval::Step left, eval::Step right) { return left.rule == right.rule; });
}

/// The packet as it is when it has made these steps and the last of them has not acted yet.
std::optional<Packet> Explained::stateBehind(const Packet &packet, llvm::ArrayRef<eval::Step> steps) const {
  RuleId last = steps.back().rule;
  ir::Table stopping = table;
  stopping.chains[last.chain].rules[last.rule].target = drop().target;
  EveryAnswer answers(universe.space);
  do {
    answers.begin();
    eval::Outcome outcome = eval::evaluate(stopping, packet, answers);
    if (sameSteps(outcome.steps, steps))
      return outcome.packet;
  } while (answers.another());
  return std::nullopt;
}

/// All that may come of \p packet from these places on.
std::vector<Trace> Explained::tracesFrom(const Places &places, const Packet &packet) const {
  Universe one(universe.space, {packet});
  return tracesOf(from(table, places, packet.hook()), one);
}

/// Whether all of \p one is among \p other, whatever was asked about state.
static bool amongst(llvm::ArrayRef<Trace> one, llvm::ArrayRef<Trace> other) {
  return llvm::all_of(one, [&](const Trace &left) {
    return llvm::any_of(other, [&](const Trace &right) { return sameEnd(left.outcome, right.outcome); });
  });
}

static Fares compareTraces(llvm::ArrayRef<Trace> one, llvm::ArrayRef<Trace> other) {
  if (std::equal(one.begin(), one.end(), other.begin(), other.end(), alike))
    return Fares::Alike;
  return amongst(one, other) && amongst(other, one) ? Fares::Open : Fares::Otherwise;
}

Fares Explained::fares(const Arrival &arrival, const eval::Outcome &actual) const {
  std::vector<Places> places = placesOf(table, actual);
  std::optional<size_t> step = whereTaken(table, places, actual, arrival.places);
  if (!step)
    return Fares::Open;
  if (hasState(ruleAt(table, places[*step].back())))
    return Fares::Alike;
  auto state = stateBehind(arrival.packet, llvm::makeArrayRef(actual.steps).take_front(*step + 1));
  if (!state)
    return Fares::Open;
  std::vector<Trace> taken = tracesFrom(places[*step], *state);
  Fares here = compareTraces(taken, tracesFrom(arrival.places, *state));
  Fares there = compareTraces(taken, tracesFrom(arrival.places, arrival.state));
  return here == there ? here : Fares::Open;
}

/// Who takes a packet: the rule that decides it, or the last that sends it elsewhere.
static RuleId takerIn(const ir::Table &table, const eval::Outcome &outcome) {
  if (outcome.decidedBy)
    return *outcome.decidedBy;
  for (auto step = outcome.steps.rbegin(); step != outcome.steps.rend(); ++step)
    if (mayTake(table.chains[step->rule.chain].rules[step->rule.rule]))
      return step->rule;
  return outcome.steps.empty() ? RuleId() : outcome.steps.back().rule;
}

static std::vector<RuleId> involvedIn(const ir::Table &table, const eval::Outcome &outcome) {
  std::vector<RuleId> rules;
  for (eval::Step step : outcome.steps)
    if (mayTake(table.chains[step.rule.chain].rules[step.rule.rule]))
      rules.push_back(step.rule);
  return rules;
}

void Explained::findTaken() {
  for (const Arrival &arrival : arrivals) {
    EveryAnswer answers(universe.space);
    do {
      answers.begin();
      eval::Outcome actual = eval::evaluate(table, arrival.packet, answers);
      taken.push_back({takerIn(table, actual), involvedIn(table, actual), fares(arrival, actual)});
    } while (answers.another());
  }
}

/// Whether rules whose packets of the rule all fare as it asks, beyond doubt, keep it dead by themselves.
bool Explained::agreeingTakersSuffice() const {
  std::vector<Taker> agreeing;
  for (const Taken &one : taken)
    if (llvm::all_of(taken, [&](const Taken &other) {
          return !llvm::is_contained(other.involved, one.taker) || other.fare == Fares::Alike;
        }))
      agreeing.push_back({one.taker, {}});
  return !agreeing.empty() && !isLiveWith(agreeing);
}

/// Whether a taker says the same as the rule, word by word.
bool Explained::hasTwinAmongTakers() const {
  return llvm::any_of(said.takers, [&](const Taker &taker) {
    const ir::Rule &other = at(taker.rule);
    return other.tests == at(id).tests && other.target.kind == at(id).target.kind &&
           other.target.name == at(id).target.name && other.target.options == at(id).target.options;
  });
}

std::optional<std::string> Explained::wrongAgreement() {
  (said.agreement == Agreement::Differs ? tally.differs
   : said.agreement == Agreement::Same  ? tally.same
                                        : tally.duplicates)++;
  findTaken();
  tally.open += llvm::any_of(taken, [](const Taken &one) { return one.fare == Fares::Open; });
  if (said.agreement == Agreement::Differs && agreeingTakersSuffice())
    return "takers that do as it asks suffice, but analysis says they do not";
  for (const Taken &one : taken)
    if (said.agreement != Agreement::Differs && one.fare == Fares::Otherwise &&
        llvm::any_of(said.takers, [&](const Taker &taker) { return taker.rule == one.taker; }))
      return fmt::format("packets taken by {} fare otherwise than it asks, but analysis says they do not",
                         textOf(table, one.taker));
  if (said.agreement == Agreement::Same && hasTwinAmongTakers())
    return "one of its takers is just the same, but it is not called a duplicate";
  if (said.contrary && said.agreement != Agreement::Differs)
    return "there is a contrary taker, but no difference";
  return std::nullopt;
}

std::optional<std::string> Explained::wrong() {
  DeadBecause why = because();
  if (said.because != why)
    return fmt::format("{}, but analysis says: {}", name(why), name(said.because));
  switch (why) {
  case DeadBecause::NeverMatches:
    ++tally.neverMatches;
    return std::nullopt;
  case DeadBecause::Unreachable:
    ++tally.unreachable;
    return std::nullopt;
  case DeadBecause::NotArriving:
    ++tally.notArriving;
    return std::nullopt;
  case DeadBecause::Taken:
    break;
  }
  ++tally.taken;
  if (auto wrong = wrongTakers())
    return wrong;
  return wrongAgreement();
}

std::optional<std::string> wrongExplanation(const ir::Table &table, const Universe &universe, RuleId id,
                                            const analysis::RuleReach &said, Tally &tally) {
  return Explained(table, universe, id, said, tally).wrong();
}

} // namespace iptlint::oracle
