#include "eval/Passage.h"
#include "eval/Answers.h"
#include "eval/Guide.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::TargetKind;
using packet::Field;
using packet::Packet;
using packet::Value;

bool endTrip(Situation &situation, Ending ending, std::string reason) {
  situation.trip.ending = ending;
  situation.trip.reason = std::move(reason);
  return false;
}

namespace {

class Passage {
public:
  Passage(Situation &situation, uint32_t table, const NatPlace *place)
      : situation(situation), table(table), of(situation.machine.rules->tables[table]), place(place) {}

  bool run();

private:
  void tellSteps(const Outcome &outcome);
  bool obeyPolicy(const Outcome &outcome);
  bool obey(const ir::Rule &rule, const Outcome &outcome, const std::string &unknown);
  bool obeyVerdict(const ir::Target &target);
  bool obeyNat(const ir::Target &target);
  bool reject(const ir::Target &target);
  bool intercept(const ir::Target &target);
  const ir::Rule &at(ir::RuleId id) const { return of.chains[id.chain].rules[id.rule]; }

  Situation &situation;
  uint32_t table;
  const ir::Table &of;
  const NatPlace *place;
};

} // namespace

void Passage::tellSteps(const Outcome &outcome) {
  for (const Step &step : outcome.steps) {
    TripStep &told = situation.trip.steps.emplace_back();
    told.kind = StepKind::Rule;
    told.hook = situation.packet.hook();
    told.rule = {table, step.rule};
    told.depth = step.depth;
    told.changes = step.changes;
    if (at(step.rule).target.rewritesUnmodelled)
      situation.rewritings += unsigned(outcome.steps.size());
  }
}

bool Passage::obeyPolicy(const Outcome &outcome) {
  auto chain = llvm::find_if(of.chains, [&](const ir::Chain &each) { return each.hook == situation.packet.hook(); });
  if (chain == of.chains.end())
    return true;
  TripStep &told = situation.trip.steps.emplace_back();
  told.kind = StepKind::Policy;
  told.hook = situation.packet.hook();
  told.rule = {table, {uint32_t(chain - of.chains.begin()), 0}};
  told.accepted = outcome.verdict == "ACCEPT";
  return told.accepted || endTrip(situation, Ending::Drop);
}

bool Passage::reject(const ir::Target &target) {
  bool isTold = target.answer == "tcp-reset" ? tellsByReset(situation) : tellsByIcmp(situation);
  return endTrip(situation, Ending::Reject, isTold ? target.answer.str() : "");
}

/// Source: net/netfilter/xt_TPROXY.c: without a socket the packet is dropped.
bool Passage::intercept(const ir::Target &target) {
  if (!situation.chooser.chooses(Question::whether("a transparent socket listens for TPROXY " + target.options.str())))
    return endTrip(situation, Ending::Drop, "no transparent socket listens for TPROXY");
  for (const ir::Write &write : target.handsOn)
    if (write.known)
      rewrite(situation, write.field, (situation.packet[write.field] & write.keep) ^ write.flip,
              situation.trip.steps.back().changes);
    else
      rewriteToAny(situation, write.field, {}, situation.trip.steps.back().changes);
  return true;
}

bool Passage::obeyNat(const ir::Target &target) {
  if (!place)
    return endTrip(situation, Ending::Unknown,
                   fmt::format("{} stands outside of nat, which the kernel refuses", target.name.str()));
  Translated made = translate(target, *place, situation);
  TripStep &step = situation.trip.steps.back();
  step.changes.insert(step.changes.end(), made.changes.begin(), made.changes.end());
  step.text = made.remark;
  ++situation.rewritings;
  if (made.result == Translated::Result::Done)
    return true;
  return endTrip(situation, made.result == Translated::Result::Dropped ? Ending::Drop : Ending::Unknown, made.reason);
}

bool Passage::obeyVerdict(const ir::Target &target) {
  if (target.nat)
    return obeyNat(target);
  if (target.name == "REJECT")
    return reject(target);
  if (target.name == "TPROXY")
    return intercept(target);
  if (target.name == "QUEUE" || target.name == "NFQUEUE")
    return endTrip(situation, Ending::Unknown,
                   "a program decides, to which " + target.name.str() + " hands the packet");
  return endTrip(situation, Ending::Unknown, "what " + target.name.str() + " does is not modelled");
}

bool Passage::obey(const ir::Rule &rule, const Outcome &outcome, const std::string &unknown) {
  if (outcome.verdict == "?")
    return endTrip(situation, Ending::Unknown, unknown);
  if (rule.target.kind == TargetKind::Accept)
    return true;
  if (rule.target.kind == TargetKind::Drop)
    return endTrip(situation, Ending::Drop);
  return obeyVerdict(rule.target);
}

bool Passage::run() {
  Guide guide(situation, table);
  Outcome outcome = evaluate(of, situation.packet, guide);
  tellSteps(outcome);
  situation.packet = outcome.packet;
  return outcome.decidedBy ? obey(at(*outcome.decidedBy), outcome, guide.reason()) : obeyPolicy(outcome);
}

/// Rules of a text that declares no chain are loaded behind others, or in front of them.
static bool isWhole(Situation &situation, const ir::Table &table) {
  if (!table.fragment)
    return true;
  std::string where = fmt::format("{} {}", table.name.str(), packet::name(situation.packet.hook()).str());
  if (situation.chooser.chooses(Question::whether("no rule of " + where + " was loaded before those of the text")))
    return true;
  return endTrip(situation, Ending::Unknown, "rules of " + where + " that were loaded before may take the packet");
}

bool passRules(Situation &situation, uint32_t table, const NatPlace *place) {
  return isWhole(situation, situation.machine.rules->tables[table]) && Passage(situation, table, place).run();
}

} // namespace iptlint::eval
