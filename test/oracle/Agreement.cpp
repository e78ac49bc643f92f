// Whether a dead rule's packets fare as it asks: the part of Explanation.cpp that is about agreement.
#include "Explained.h"
#include "Palette.h"
#include <algorithm>
#include <fmt/format.h>

namespace iptlint::oracle {

using analysis::Agreement;
using analysis::Taker;
using ir::RuleId;
using ir::TargetKind;

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
  bool changedBetween = !(arrival.state == *state);
  if (here != there || (changedBetween && here == Fares::Otherwise))
    return Fares::Open;
  return here;
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
    // Analysis looks for them in the chains on the way; of those inside called chains it finds some.
    if (one.taker.chain == id.chain && llvm::all_of(taken, [&](const Taken &other) {
          return !llvm::is_contained(other.involved, one.taker) || other.fare == Fares::Alike;
        }))
      agreeing.push_back({one.taker, {}});
  return !agreeing.empty() && !isLiveWith(agreeing);
}

/// Whether a taker says the same as the rule, its tests in whatever order.
bool Explained::hasTwinAmongTakers() const {
  return llvm::any_of(said.takers, [&](const Taker &taker) {
    const ir::Rule &other = at(taker.rule);
    return std::is_permutation(other.tests.begin(), other.tests.end(), at(id).tests.begin(), at(id).tests.end()) &&
           other.target.kind == at(id).target.kind && other.target.name == at(id).target.name &&
           other.target.options == at(id).target.options;
  });
}

std::optional<std::string> Explained::wrongAgreement() {
  (said.agreement == Agreement::Differs ? tally.differs
   : said.agreement == Agreement::Same  ? tally.same
                                        : tally.duplicates)++;
  if (said.agreement == Agreement::Undecided)
    return "whether its packets fare as it asks was not decided";
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
  if (said.agreement == Agreement::Duplicate && !hasTwinAmongTakers())
    return "it is called a duplicate, but none of its takers is the same";
  if (said.contrary && said.agreement != Agreement::Differs)
    return "there is a contrary taker, but no difference";
  return std::nullopt;
}

} // namespace iptlint::oracle
