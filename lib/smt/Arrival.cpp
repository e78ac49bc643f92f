#include "smt/Arrival.h"
#include "smt/Shrink.h"
#include "smt/Story.h"
#include "smt/Tracking.h"
#include "smt/Written.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

using std::chrono::milliseconds;

namespace {

/// The question from one hook.
class FromHook {
public:
  FromHook(const ir::Table &asking, const ir::Chain &chain, packet::Family family, milliseconds budget)
      : table(asking), budget(budget), terms(family, *chain.hook), unknowns(terms, writtenFields({&asking})),
        verdicts(llvm::ArrayRef<const ir::Table *>({&asking})), slice(asking, &chain, {}, family), instances(asking),
        walk(terms, unknowns, verdicts, slice, instances) {}

  Arrival run(bool defragmented);

private:
  void state(Asking &asking, const Outcome &outcome, bool defragmented);
  void answer(Asking &asking, const Outcome &outcome);
  void answerYes(Asking &asking, const Outcome &outcome, std::vector<z3::expr> assumptions);
  void unknown(std::string reason) { result.reason = std::move(reason); }

  const ir::Table &table;
  milliseconds budget;
  Terms terms;
  Unknowns unknowns;
  Verdicts verdicts;
  Slice slice;
  Instances instances;
  Walk walk;
  Arrival result;
};

} // namespace

Arrival FromHook::run(bool defragmented) {
  llvm::Expected<Outcome> outcome = walk.fromHook();
  if (!outcome) {
    unknown(llvm::toString(outcome.takeError()));
    return result;
  }
  Asking asking(terms.context, !unknowns.usesFunctions(), Deadline(budget));
  state(asking, *outcome, defragmented);
  answer(asking, *outcome);
  result.queries = asking.asked();
  result.seconds = asking.seconds();
  return result;
}

/// Tells the solver of the packets that there are and what "arrives" means.
void FromHook::state(Asking &asking, const Outcome &outcome, bool defragmented) {
  asking.add(terms.wellFormed());
  asking.add(unknowns.consistency());
  for (const z3::expr &definition : terms.definitions())
    asking.add(definition);
  if (defragmented)
    asking.add(terms.entering(Field::Fragment) == terms.number(0, packet::bits(Field::Fragment, terms.family)));
  z3::expr reached = terms.number(verdicts.numberOf(kReachedVerdict.str()), verdicts.bits());
  asking.add(terms.context.bool_const("arrives") == (outcome.verdict == reached));
}

void FromHook::answer(Asking &asking, const Outcome &outcome) {
  z3::expr arrives = terms.context.bool_const("arrives");
  // If no packet at all fits what was stated, "no packet arrives" would say nothing.
  z3::check_result somePacket = asking.ask({});
  if (somePacket != z3::sat)
    return unknown(somePacket == z3::unsat ? "internal error: the question admits no packet" : asking.whyUnknown());
  switch (asking.ask({arrives})) {
  case z3::unsat:
    result.answer = Arrives::No;
    return;
  case z3::sat:
    return answerYes(asking, outcome, {arrives});
  case z3::unknown:
    return unknown(asking.whyUnknown());
  }
}

void FromHook::answerYes(Asking &asking, const Outcome &outcome, std::vector<z3::expr> assumptions) {
  assumptions.push_back(negation(outcome.atEnd.opaque));
  if (z3::check_result known = asking.ask(assumptions); known != z3::sat)
    return unknown(known == z3::unsat ? "packets get there only as a target lets them that is not known"
                                      : asking.whyUnknown());
  Bounds bounds;
  collectBounds(table, bounds);
  z3::model model = shrink(asking, assumptions, terms, unknowns, bounds);
  result.answer = Arrives::Yes;
  result.packet = packetIn(model, terms, unknowns);
  result.way = decisionIn(model, outcome, verdicts, unknowns);
}

static Arrival askHook(const ir::Table &asking, const ir::Chain &chain, packet::Family family, bool defragmented,
                       milliseconds budget) {
  Arrival result;
  try {
    return FromHook(asking, chain, family, budget).run(defragmented);
  } catch (const z3::exception &failure) {
    result.reason = std::string("the solver gave up: ") + failure.msg();
  } catch (const std::bad_alloc &) {
    result.reason = "the solver ran out of memory";
  }
  return result;
}

Arrivals::Arrivals(const ir::Ruleset &ruleset, const ir::Table &table)
    : ruleset(ruleset), table(table), weakener(table),
      defragmented(
          llvm::any_of(ruleset.tables, [](const ir::Table &of) { return !of.replaced && tracksConnections(of); })) {}

/// Yes from one hook is Yes; No takes all of them.
Arrival Arrivals::askAt(const ir::Table &asking, milliseconds budget) const {
  Arrival result;
  result.answer = Arrives::No;
  for (const ir::Chain &chain : asking.chains) {
    if (!chain.hook)
      continue;
    Arrival here =
        askHook(asking, chain, ruleset.family, defragmented, budget - milliseconds(uint64_t(result.seconds * 1000)));
    here.queries += result.queries;
    here.seconds += result.seconds;
    if (here.answer == Arrives::No && result.answer == Arrives::Unknown) {
      here.answer = Arrives::Unknown;
      here.reason = result.reason;
    }
    result = std::move(here);
    if (result.answer == Arrives::Yes)
      break;
  }
  return result;
}

Arrival Arrivals::ask(ir::RuleId rule, milliseconds budget) const {
  return askAt(asking(table, rule), budget);
}

Arrival Arrivals::askWith(ir::RuleId rule, const std::set<ir::RuleId> &takers, milliseconds budget) const {
  return askAt(weakener.around(rule, takers), budget);
}

} // namespace iptlint::smt
