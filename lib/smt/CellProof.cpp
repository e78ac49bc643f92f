#include "smt/CellProof.h"
#include "smt/Condition.h"
#include "smt/Parts.h"
#include "smt/Shrink.h"
#include "smt/Story.h"
#include "smt/Tracking.h"
#include "smt/WithoutFunctions.h"
#include "smt/Written.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <fmt/format.h>

namespace iptlint::smt {

Sides::Sides(const Pair &pair)
    : written(writtenFields({&pair.before, &pair.after})), beforeInstances(pair.before), afterInstances(pair.after) {
  for (Field field : written)
    isWritten.set(unsigned(field));
}

/// What is asked of one cell.
class CellProof::Question {
public:
  Question(CellProof &proof, const Cell &cell, const Slice &before, const Slice &after)
      : proof(proof), cell(cell), terms(proof.terms), unknowns(proof.terms, proof.sides.written),
        beforeWalk(terms, unknowns, proof.verdicts, before, proof.sides.beforeInstances),
        afterWalk(terms, unknowns, proof.verdicts, after, proof.sides.afterInstances) {}

  Comparison run();

private:
  std::vector<z3::expr> bothSides(const Outcome &before, const Outcome &after);
  void state(const Outcome &before, const Outcome &after);
  bool isEqualByLess(const Outcome &before, const Outcome &after);
  bool isEqualWithoutFunctions(llvm::ArrayRef<z3::expr> facts, bool congruent);
  z3::check_result ask(llvm::ArrayRef<z3::expr> assumptions,
                       std::chrono::milliseconds atMost = std::chrono::milliseconds::max());
  std::string whyUnknown() const;
  void stateCell();
  void stateSide(const Cell::Side &side);
  void stateWholePacket();
  void answer(const Outcome &before, const Outcome &after);
  void answerWithoutPacket();
  void answerDifferent(const Outcome &before, const Outcome &after);
  void describe(const z3::model &model, const Outcome &before, const Outcome &after);
  void unknown(std::string reason);

  CellProof &proof;
  const Cell &cell;
  Terms &terms;
  Unknowns unknowns;
  Walk beforeWalk, afterWalk;
  Asking *asking = nullptr;
  std::string fault; ///< of the last question's file
  Comparison result;
};

void CellProof::Question::unknown(std::string reason) {
  result.result = Verdict::Unknown;
  result.reason = std::move(reason);
}

/// Into the first file from \p number on that is not there: a second family, or another attempt, counts on.
/// \returns what is wrong; empty where nothing is.
static std::string writeQuestion(const std::string &folder, const std::string &name, unsigned &number,
                                 const std::string &text) {
  while (true) {
    std::string path = fmt::format("{}/{}-{:06}.smt2", folder, name, ++number);
    std::error_code error;
    llvm::raw_fd_ostream file(path, error, llvm::sys::fs::CD_CreateNew);
    if (error == std::errc::file_exists)
      continue;
    if (!error) {
      file << text;
      file.close();
      error = file.error();
      file.clear_error();
    }
    return error ? path + ": " + error.message() : "";
  }
}

/// Where a question cannot be written down, nothing is concluded from it.
z3::check_result CellProof::Question::ask(llvm::ArrayRef<z3::expr> assumptions, std::chrono::milliseconds atMost) {
  z3::check_result answer = asking->ask(assumptions, atMost);
  if (proof.log.empty())
    return answer;
  fault = writeQuestion(proof.log, proof.name, proof.logged, asking->asText(assumptions, answer));
  return fault.empty() ? answer : z3::unknown;
}

std::string CellProof::Question::whyUnknown() const {
  return fault.empty() ? asking->whyUnknown() : fault;
}

Comparison CellProof::Question::run() {
  llvm::Expected<Outcome> beforeOutcome = beforeWalk.fromHook();
  llvm::Expected<Outcome> afterOutcome = afterWalk.fromHook();
  if (!beforeOutcome || !afterOutcome) {
    unknown(!beforeOutcome ? llvm::toString(beforeOutcome.takeError()) : llvm::toString(afterOutcome.takeError()));
    llvm::consumeError(afterOutcome.takeError());
    return result;
  }
  if (z3::eq(beforeOutcome->verdict, afterOutcome->verdict) && isSame(beforeOutcome->atEnd, afterOutcome->atEnd)) {
    result.result = Verdict::Equal;
    result.alikeCells = 1;
    return result;
  }
  if (unknowns.usesFunctions() && isEqualByLess(*beforeOutcome, *afterOutcome)) {
    result.result = Verdict::Equal;
    return result;
  }
  asking = &proof.solverFor(!unknowns.usesFunctions());
  asking->push();
  auto pop = llvm::make_scope_exit([&] { asking->pop(); });
  stateCell();
  state(*beforeOutcome, *afterOutcome);
  answer(*beforeOutcome, *afterOutcome);
  return result;
}

/// Of fields that nothing asks for a packet can have any value that there is: they are left out until a packet is
/// shown.
void CellProof::Question::stateCell() {
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    if (terms.isRead(Field(i)))
      asking->add(terms.wellFormed(Field(i)));
  for (const Cell::Side &side : cell.sides())
    if (terms.isRead(side.first))
      stateSide(side);
}

void CellProof::Question::stateSide(const Cell::Side &side) {
  ir::RangeTest inside;
  inside.field = side.first;
  inside.ranges = {side.second};
  asking->add(holds(inside, terms, [&](Field field) { return terms.entering(field); }));
}

/// What is to be shown has to be a packet of the cell in every field: tests that hold in all of it were left off.
void CellProof::Question::stateWholePacket() {
  asking->add(terms.wellFormed());
  for (const Cell::Side &side : cell.sides()) {
    stateSide(side);
    terms.noteRead(side.first);
  }
}

/// What both sides come to, as constants, and what "differs" means, so that both are part of every question.
std::vector<z3::expr> CellProof::Question::bothSides(const Outcome &before, const Outcome &after) {
  std::vector<z3::expr> facts;
  auto named = [&](const char *name, const z3::expr &meaning) {
    z3::expr constant = terms.context.constant(name, meaning.get_sort());
    facts.push_back(constant == meaning);
    return constant;
  };
  z3::expr verdictBefore = named("verdict before", before.verdict);
  z3::expr verdictAfter = named("verdict after", after.verdict);
  named("differs", (verdictBefore != verdictAfter) || differ(before.atEnd, after.atEnd));
  return facts;
}

/// Tells the solver of both sides.
void CellProof::Question::state(const Outcome &before, const Outcome &after) {
  asking->add(unknowns.consistency());
  for (const z3::expr &definition : terms.definitions())
    asking->add(definition);
  for (const z3::expr &fact : bothSides(before, after))
    asking->add(fact);
}

/// What can be seen of an outcome.
static std::vector<z3::expr> seenOf(const Outcome &outcome) {
  std::vector<z3::expr> seen = outcome.atEnd.fields;
  seen.push_back(outcome.verdict);
  seen.push_back(outcome.atEnd.history);
  return seen;
}

/// Whether weaker facts are enough, which the solver comes to an end with where it would not with all: where a thousand
/// services have a die each, it would have to tell all their histories apart.
bool CellProof::Question::isEqualByLess(const Outcome &before, const Outcome &after) {
  std::vector<z3::expr> sides = bothSides(before, after);
  std::vector<z3::expr> few = definitionsApart(terms, seenOf(before), seenOf(after));
  llvm::append_range(few, sides);
  if (isEqualWithoutFunctions(few, /*congruent=*/false))
    return true;
  std::vector<z3::expr> all = terms.definitions();
  llvm::append_range(all, sides);
  all.push_back(unknowns.consistency());
  return isEqualWithoutFunctions(all, /*congruent=*/true);
}

/// \param congruent  whether equal arguments of functions are to have equal values where that is likely to matter.
bool CellProof::Question::isEqualWithoutFunctions(llvm::ArrayRef<z3::expr> facts, bool congruent) {
  asking = &proof.solverFor(/*bitVectorsOnly=*/true);
  asking->push();
  auto pop = llvm::make_scope_exit([&] { asking->pop(); });
  stateCell();
  WithoutFunctions weaker(terms.context, facts);
  for (const z3::expr &fact : facts)
    asking->add(weaker.of(fact));
  for (const z3::expr &fact : congruent ? weaker.congruences() : std::vector<z3::expr>())
    asking->add(fact);
  std::chrono::milliseconds atMost = proof.deadline.left() / 4;
  // No packet at all: then "no packet differs" would say nothing.
  if (ask({}, atMost) != z3::sat || ask({terms.context.bool_const("differs")}, atMost) != z3::unsat)
    return false;
  proof.anyPacket = true;
  return true;
}

void CellProof::Question::answer(const Outcome &before, const Outcome &after) {
  z3::expr differs = terms.context.bool_const("differs");
  // If no packet at all fits what was stated, "no packet differs" would say nothing.
  switch (ask({})) {
  case z3::unsat:
    return answerWithoutPacket();
  case z3::unknown:
    return unknown(whyUnknown());
  case z3::sat:
    proof.anyPacket = true;
  }
  switch (ask({differs})) {
  case z3::unsat:
    result.result = Verdict::Equal;
    return;
  case z3::sat:
    return answerDifferent(before, after);
  case z3::unknown:
    return unknown(whyUnknown());
  }
}

/// A cell may hold no packet that is well-formed; then, and only then, may there be none that fits both sides.
void CellProof::Question::answerWithoutPacket() {
  asking->pop();
  asking->push();
  stateCell();
  z3::check_result somePacket = ask({});
  if (somePacket == z3::unsat)
    result.result = Verdict::Equal;
  else
    unknown(somePacket == z3::sat ? "internal error: the proof admits no packet" : whyUnknown());
}

/// There is a difference. It is shown where both sides evaluate the same conditions with state in the same order, for
/// these are then as they are on both sides, and where no opaque target has a hand in it.
void CellProof::Question::answerDifferent(const Outcome &before, const Outcome &after) {
  std::vector<z3::expr> assumptions{terms.context.bool_const("differs")};
  std::set<std::string> stateful = beforeWalk.statefulOptions();
  stateful.insert(afterWalk.statefulOptions().begin(), afterWalk.statefulOptions().end());
  stateWholePacket();
  std::string hangsOn = "the rules differ behind what is not modelled: " + llvm::join(stateful, ", ");
  if (!stateful.empty()) {
    assumptions.push_back(before.atEnd.evaluations == after.atEnd.evaluations);
    assumptions.push_back(negation(disjunction(before.atEnd.opaque, after.atEnd.opaque)));
  }
  if (z3::check_result shown = ask(assumptions); shown != z3::sat)
    return unknown(shown == z3::unknown && (stateful.empty() || !fault.empty()) ? whyUnknown() : hangsOn);
  Bounds bounds;
  collectBounds(proof.pair.before, bounds);
  collectBounds(proof.pair.after, bounds);
  z3::model model = shrink(*asking, assumptions, terms, unknowns, bounds);
  if (evaluationsIn(model, before, unknowns) != evaluationsIn(model, after, unknowns))
    return unknown(hangsOn);
  describe(model, before, after);
}

void CellProof::Question::describe(const z3::model &model, const Outcome &before, const Outcome &after) {
  result.result = Verdict::Different;
  result.packet = packetIn(model, terms, unknowns);
  result.before = decisionIn(model, before, proof.verdicts, unknowns);
  result.after = decisionIn(model, after, proof.verdicts, unknowns);
  result.policyAccepts = model.eval(unknowns.policyAccepts(), true).is_true();
}

CellProof::CellProof(const Pair &pair, const Sides &sides, const Deadline &deadline, std::string log, std::string name)
    : pair(pair), sides(sides), deadline(deadline), log(std::move(log)), name(std::move(name)),
      terms(pair.family, pair.hook), verdicts({&pair.before, &pair.after}) {}

/// A solver that knows which packets there are.
Asking &CellProof::solverFor(bool bitVectorsOnly) {
  std::optional<Asking> &asking = bitVectorsOnly ? bits : functions;
  if (!asking) {
    asking.emplace(terms.context, bitVectorsOnly, deadline);
    if (tracksConnections(pair.before) && tracksConnections(pair.after))
      asking->add(terms.entering(Field::Fragment) == terms.number(0, packet::bits(Field::Fragment, terms.family)));
  }
  return *asking;
}

Comparison CellProof::prove(const Cell &cell, const Slice &before, const Slice &after) {
  terms.forget();
  return Question(*this, cell, before, after).run();
}

unsigned CellProof::asked() const {
  return (bits ? bits->asked() : 0) + (functions ? functions->asked() : 0);
}

} // namespace iptlint::smt
