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
#include "Explained.h"
#include "Palette.h"
#include <fmt/format.h>

namespace iptlint::oracle {

using analysis::DeadBecause;
using analysis::Taker;
using ir::RuleId;
using ir::TargetKind;

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

std::optional<std::string> Explained::wrong(bool agreement) {
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
  return agreement ? wrongAgreement() : std::nullopt;
}

std::optional<std::string> wrongExplanation(const ir::Table &table, const Universe &universe, RuleId id,
                                            const analysis::RuleReach &said, const Effort &effort, Tally &tally) {
  return Explained(table, universe, id, said, tally).wrong(effort.agreement);
}

} // namespace iptlint::oracle
