#include "eval/Tracker.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::CtState;
using packet::Field;
using packet::Value;

void Tracker::hideState() {
  if (!isTracked)
    at(Field::CtState) = Value(CtState::Invalid);
}

void Tracker::see() {
  if (isTracked)
    return;
  isTracked = true;
  if (at(Field::CtState) == Value(CtState::Untracked))
    intended = Value(CtState::Untracked);
  at(Field::CtState) = intended;
  flow = traveller.flow.value_or(Connection{tupleOf(situation.packet), tupleOf(situation.packet)});
  describeFlow(situation.packet, flow);
}

// --- what the flow was translated to

/// What became one of several values for the first packet is that value, whichever it was, for all.
void Tracker::write(Field field, Value value, std::vector<Change> &changes) {
  if (!traveller.flow->reply && traveller.flowOpen.isOpen(field))
    rewriteToAny(situation, field, traveller.flowOpen.possible(field), changes);
  else
    rewrite(situation, field, value, changes);
}

/// A reply's destination is the source of the first packet, and the other way round.
void Tracker::follow(bool destination) {
  if (!traveller.flow)
    return;
  const Connection &of = *traveller.flow;
  bool wasTranslated = destination == of.reply ? of.isSnat() : of.isDnat();
  if (!wasTranslated)
    return;
  TripStep step;
  step.kind = StepKind::Rewritten;
  step.hook = situation.packet.hook();
  const Tuple &to = of.reply ? of.first : of.translated;
  bool bySource = destination == of.reply;
  write(destination ? Field::Dst : Field::Src, bySource ? to.src : to.dst, step.changes);
  if (packet::hasPorts(unsigned(at(Field::Proto))))
    write(destination ? Field::Dport : Field::Sport, bySource ? to.sport : to.dport, step.changes);
  if (step.changes.empty())
    return;
  situation.trip.steps.push_back(std::move(step));
  ++situation.rewritings;
}

/// Whether a masqueraded flow ends, since the packet leaves by another interface.
bool Tracker::leavesOtherwise(const NatPlace &place) {
  if (!traveller.flow || traveller.flow->reply || traveller.flow->masqueradedBy.empty() || place.out.empty() ||
      place.out == traveller.flow->masqueradedBy)
    return false;
  endTrip(situation, Ending::Drop,
          fmt::format("its flow was masqueraded by {}, and conntrack ends it since it would leave by {}",
                      traveller.flow->masqueradedBy, place.out.str()));
  return true;
}

// --- nat

void Tracker::remark(uint32_t table, std::string text) {
  TripStep &step = situation.trip.steps.emplace_back();
  step.hook = situation.packet.hook();
  step.rule.table = table;
  step.text = std::move(text);
}

static bool translates(const ir::Table &table) {
  return llvm::any_of(table.chains, [](const ir::Chain &chain) {
    return llvm::any_of(chain.rules, [](const ir::Rule &rule) { return rule.target.nat || rule.broken; });
  });
}

/// By the last rule that matched behind a step.
bool Tracker::wasMasqueraded(size_t before) const {
  const std::vector<TripStep> &steps = situation.trip.steps;
  if (steps.size() == before || steps.back().kind != StepKind::Rule)
    return false;
  const TableRule &by = steps.back().rule;
  const ir::Table &table = situation.machine.rules->tables[by.table];
  return table.chains[by.rule.chain].rules[by.rule.rule].target.name == "MASQUERADE";
}

/// That anything was translated is a part of the flow's state from there on.
bool Tracker::askNat(uint32_t table, const NatPlace &place) {
  size_t before = situation.trip.steps.size();
  bool goesOn = passRules(situation, table, &place);
  if (goesOn && wasMasqueraded(before))
    flow.masqueradedBy = place.out.str();
  flow.translated = tupleOf(situation.packet);
  describeFlow(situation.packet, flow);
  return goesOn;
}

void Tracker::followCopy(std::optional<packet::Packet> copy) {
  isBack = false;
  copied = std::move(copy);
}

/// Its flow is translated by now, as the copy was.
bool Tracker::passAfterCopy(std::optional<uint32_t> table) {
  if (table)
    remark(*table, "not asked: the copy has passed it");
  for (Field field : {Field::Src, Field::Sport, Field::CtState})
    at(field) = (*copied)[field];
  return true;
}

bool Tracker::passNat(std::optional<uint32_t> table, const NatPlace &place) {
  if (copied)
    return passAfterCopy(table);
  bool isFirst = intended < Value(CtState::Established) && !traveller.flow;
  if (table && isFirst && !isBack)
    return askNat(*table, place);
  if (table)
    remark(*table, isBack ? "not asked: the flow has passed nat on its way out"
                   : intended >= Value(CtState::Invalid)
                       ? fmt::format("not asked: the packet is {}", packet::ctstateText(unsigned(intended)))
                       : "not asked: it is not the first packet of its flow");
  if (isBack || isFirst || intended >= Value(CtState::Invalid))
    return true;
  if (!traveller.flow && table && translates(situation.machine.rules->tables[*table]))
    return endTrip(situation, Ending::Unknown, "how the flow was translated that the packet belongs to is not known");
  if (leavesOtherwise(place))
    return false;
  follow(place.destination);
  return true;
}

} // namespace iptlint::eval
