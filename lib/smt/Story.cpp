#include "smt/Story.h"
#include "packet/Usual.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::smt {

static bool isTrue(const z3::model &model, const z3::expr &condition) {
  return model.eval(condition, true).is_true();
}

static Value valueIn(const z3::model &model, const z3::expr &term) {
  return valueOf(model.eval(term, true));
}

bool isOpen(Field field, const Terms &terms) {
  return field >= Field::Tos && !terms.isRead(field);
}

packet::Packet packetIn(const z3::model &model, Terms &terms, Unknowns &unknowns) {
  packet::Packet packet;
  packet.family = terms.family;
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    packet.values[i] =
        isOpen(Field(i), terms) ? packet::usualValue(Field(i), packet) : valueIn(model, terms.entering(Field(i)));
  for (const auto &[text, number] : unknowns.opaqueConditions())
    packet.assume[text] = isTrue(model, unknowns.entryTruth(number));
  return packet;
}

/// The histories that a packet comes through, one for each event, first to last.
static std::vector<z3::expr> eventsIn(const z3::model &model, z3::expr history, const Unknowns &unknowns) {
  std::vector<z3::expr> events;
  while (true) {
    if (std::optional<z3::expr> meaning = unknowns.meaningOf(history)) {
      history = *meaning;
      continue;
    }
    if (history.is_ite()) {
      history = isTrue(model, history.arg(0)) ? history.arg(1) : history.arg(2);
      continue;
    }
    if (!unknowns.lastEvent(history))
      break;
    events.push_back(history);
    history = history.arg(0);
  }
  std::reverse(events.begin(), events.end());
  return events;
}

static void noteRewriting(const z3::model &model, const z3::expr &history, unsigned count, Unknowns &unknowns,
                          Decision &decision) {
  for (const auto &[text, number] : unknowns.opaqueConditions())
    decision.afterRewriting[{text, count}] = isTrue(model, unknowns.laterTruth(number)(history));
}

std::vector<Event> evaluationsIn(const z3::model &model, const Outcome &outcome, const Unknowns &unknowns) {
  std::vector<Event> evaluations;
  for (const z3::expr &history : eventsIn(model, outcome.atEnd.history, unknowns)) {
    Event event = *unknowns.lastEvent(history);
    if (event.kind == Event::Kind::Evaluation)
      evaluations.push_back(std::move(event));
  }
  return evaluations;
}

Decision decisionIn(const z3::model &model, const Outcome &outcome, const Verdicts &verdicts, Unknowns &unknowns) {
  Decision decision;
  decision.verdict = verdicts.textOf(unsigned(valueIn(model, outcome.verdict)));
  unsigned rewritings = 0;
  for (const z3::expr &history : eventsIn(model, outcome.atEnd.history, unknowns)) {
    Event event = *unknowns.lastEvent(history);
    if (event.kind == Event::Kind::Effect)
      decision.effects.push_back(event.text);
    if (event.kind == Event::Kind::Evaluation)
      decision.state.emplace_back(unknowns.evaluatedBy(event), isTrue(model, unknowns.cameTrue(history)));
    for (Field field : unknowns.madeUpBy(event))
      decision.madeUp.push_back(valueIn(model, unknowns.madeUp(field, history)));
    if (unknowns.rewrites(event))
      noteRewriting(model, history, ++rewritings, unknowns, decision);
  }
  return decision;
}

} // namespace iptlint::smt
