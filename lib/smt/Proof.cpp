#include "smt/Proof.h"
#include "smt/Shrink.h"
#include "smt/Story.h"
#include "smt/Tracking.h"
#include "smt/Written.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::smt {

using std::chrono::milliseconds;

namespace {

class Proof {
public:
  Proof(const Pair &pair, milliseconds budget)
      : pair(pair), budget(budget), terms(pair.family, pair.hook), unknowns(terms, writtenFields({&pair.before, &pair.after})),
        beforeWalk(terms, unknowns, verdicts, pair.before), afterWalk(terms, unknowns, verdicts, pair.after) {}

  Comparison run();

private:
  void state(Asking &asking, const Outcome &before, const Outcome &after);
  z3::expr named(const char *name, const z3::expr &meaning, Asking &asking);
  void answer(Asking &asking, const Outcome &before, const Outcome &after);
  void answerDifferent(Asking &asking, const Outcome &before, const Outcome &after);
  void describe(const z3::model &model, const Outcome &before, const Outcome &after);
  void unknown(std::string reason);

  const Pair &pair;
  milliseconds budget;
  Terms terms;
  Unknowns unknowns;
  Verdicts verdicts;
  Walk beforeWalk, afterWalk;
  Comparison result;
};

} // namespace

void Proof::unknown(std::string reason) {
  result.result = Verdict::Unknown;
  result.reason = std::move(reason);
}

Comparison Proof::run() {
  llvm::Expected<Outcome> before = beforeWalk.fromHook(pair.beforeChain);
  llvm::Expected<Outcome> after = afterWalk.fromHook(pair.afterChain);
  if (!before || !after) {
    unknown(!before ? llvm::toString(before.takeError()) : llvm::toString(after.takeError()));
    llvm::consumeError(after.takeError());
    return result;
  }
  Asking asking(terms.context, !unknowns.usesFunctions(), budget);
  state(asking, *before, *after);
  answer(asking, *before, *after);
  result.queries = asking.asked();
  result.seconds = asking.seconds();
  return result;
}

/// A constant that equals \p meaning, so that both sides are part of every question.
z3::expr Proof::named(const char *name, const z3::expr &meaning, Asking &asking) {
  z3::expr constant = terms.context.constant(name, meaning.get_sort());
  asking.add(constant == meaning);
  return constant;
}

/// Tells the solver of the packets that there are, of both sides, and what "differs" means.
void Proof::state(Asking &asking, const Outcome &before, const Outcome &after) {
  asking.add(terms.wellFormed());
  asking.add(unknowns.consistency());
  for (const z3::expr &definition : terms.definitions())
    asking.add(definition);
  if (tracksConnections(pair.before) && tracksConnections(pair.after))
    asking.add(terms.entering(Field::Fragment) == terms.number(0, packet::bits(Field::Fragment, terms.family)));
  z3::expr verdictBefore = named("verdict before", before.verdict, asking);
  z3::expr verdictAfter = named("verdict after", after.verdict, asking);
  named("differs", (verdictBefore != verdictAfter) || differ(before.atEnd, after.atEnd), asking);
}

void Proof::answer(Asking &asking, const Outcome &before, const Outcome &after) {
  z3::expr differs = terms.context.bool_const("differs");
  // If no packet at all fits what was stated, "no packet differs" would say nothing.
  z3::check_result somePacket = asking.ask({});
  if (somePacket != z3::sat)
    return unknown(somePacket == z3::unsat ? "internal error: the proof admits no packet" : asking.whyUnknown());
  switch (asking.ask({differs})) {
  case z3::unsat:
    result.result = Verdict::Equal;
    return;
  case z3::sat:
    return answerDifferent(asking, before, after);
  case z3::unknown:
    return unknown(asking.whyUnknown());
  }
}

/// There is a difference. It is shown where both sides evaluate the same conditions with state in the same order, for
/// these are then as they are on both sides, and where no opaque target has a hand in it.
void Proof::answerDifferent(Asking &asking, const Outcome &before, const Outcome &after) {
  std::vector<z3::expr> assumptions{terms.context.bool_const("differs")};
  std::set<std::string> stateful = beforeWalk.statefulOptions();
  stateful.insert(afterWalk.statefulOptions().begin(), afterWalk.statefulOptions().end());
  std::string hangsOn = "the rules differ behind what is not modelled: " + llvm::join(stateful, ", ");
  if (!stateful.empty()) {
    assumptions.push_back(before.atEnd.evaluations == after.atEnd.evaluations);
    assumptions.push_back(negation(disjunction(before.atEnd.opaque, after.atEnd.opaque)));
    if (asking.ask(assumptions) != z3::sat)
      return unknown(hangsOn);
  }
  Bounds bounds;
  collectBounds(pair.before, bounds);
  collectBounds(pair.after, bounds);
  z3::model model = shrink(asking, assumptions, terms, unknowns, bounds);
  if (evaluationsIn(model, before, unknowns) != evaluationsIn(model, after, unknowns))
    return unknown(hangsOn);
  describe(model, before, after);
}

void Proof::describe(const z3::model &model, const Outcome &before, const Outcome &after) {
  result.result = Verdict::Different;
  result.packet = packetIn(model, terms, unknowns);
  result.before = decisionIn(model, before, verdicts, unknowns);
  result.after = decisionIn(model, after, verdicts, unknowns);
  result.policyAccepts = model.eval(unknowns.policyAccepts(), true).is_true();
}

Comparison prove(const Pair &pair, milliseconds budget) {
  try {
    return Proof(pair, budget).run();
  } catch (const z3::exception &failure) {
    Comparison result;
    result.reason = std::string("the solver gave up: ") + failure.msg();
    return result;
  } catch (const std::bad_alloc &) {
    Comparison result;
    result.reason = "the solver ran out of memory";
    return result;
  }
}

} // namespace iptlint::smt
