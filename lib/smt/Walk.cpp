#include "smt/Walk.h"
#include "smt/Condition.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cassert>
#include <fmt/format.h>

namespace iptlint::smt {

/// So many rules that end a chain's work on a packet make one named piece.
constexpr size_t kExitsPerName = 64;

static llvm::Error cannot(const std::string &reason) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), reason.c_str());
}

/// "LOG --log-prefix x": the same text, the same action.
static std::string actionText(const ir::Target &target) {
  return target.options.empty() ? target.name.str() : (target.name + " " + target.options).str();
}

static bool endsTable(ir::TargetKind kind) {
  return kind == ir::TargetKind::Accept || kind == ir::TargetKind::Drop || kind == ir::TargetKind::Verdict ||
         kind == ir::TargetKind::Opaque;
}

Verdicts::Verdicts(llvm::ArrayRef<const ir::Table *> tables) {
  std::set<std::pair<llvm::StringRef, llvm::StringRef>> different;
  for (const ir::Table *table : tables)
    for (const ir::Chain &chain : table->chains)
      for (const ir::Rule &rule : chain.rules)
        if (endsTable(rule.target.kind))
          different.insert({rule.target.name, rule.target.options});
  // Two more for policies. An opaque target's is another text for the same target.
  width = llvm::Log2_64_Ceil(2 * different.size() + 2);
}

unsigned Verdicts::numberOf(const std::string &text) {
  auto [found, isNew] = numbers.try_emplace(text, texts.size());
  if (isNew)
    texts.push_back(text);
  // Cut to the width, two verdicts could have one number and so seem to be the same.
  if (found->second >> width)
    llvm::report_fatal_error("more verdicts than were counted");
  return found->second;
}

/// `then` where the condition holds. Parts that mean nothing on one side are taken from the other.
static Outcome choose(const z3::expr &condition, const Outcome &then, const Outcome &otherwise) {
  if (condition.is_true() || condition.is_false())
    return condition.is_true() ? then : otherwise;
  auto merge = [&](const auto &mine, const auto &theirs, bool mineVoid, bool theirsVoid) {
    return theirsVoid ? mine : mineVoid ? theirs : choose(condition, mine, theirs);
  };
  bool neverEnds = then.ended.is_false(), otherNeverEnds = otherwise.ended.is_false();
  return {choose(condition, then.ended, otherwise.ended),
          merge(then.verdict, otherwise.verdict, neverEnds, otherNeverEnds),
          merge(then.atEnd, otherwise.atEnd, neverEnds, otherNeverEnds),
          merge(then.back, otherwise.back, then.ended.is_true(), otherwise.ended.is_true())};
}

/// Whether these are the same terms.
static bool isSame(const Outcome &left, const Outcome &right) {
  return z3::eq(left.ended, right.ended) && z3::eq(left.verdict, right.verdict) && isSame(left.atEnd, right.atEnd) &&
         isSame(left.back, right.back);
}

Walk::Walk(Terms &terms, Unknowns &unknowns, Verdicts &verdicts, const Slice &slice, const Instances &instances)
    : terms(terms), unknowns(unknowns), verdicts(verdicts), slice(slice), table(slice.table()), instances(instances),
      endings(slice, unknowns), open(table.chains.size()) {}

Outcome Walk::ended(const z3::expr &verdict, const State &state) {
  return {terms.truth(true), verdict, state, state};
}

Outcome Walk::ended(const std::string &verdict, const State &state) {
  return ended(terms.number(verdicts.numberOf(verdict), verdicts.bits()), state);
}

Outcome Walk::returned(const State &state) {
  return {terms.truth(false), terms.number(0, verdicts.bits()), state, state};
}

z3::expr Walk::policyVerdict(const ir::Chain *chain) {
  z3::expr accept = terms.number(verdicts.numberOf("ACCEPT"), verdicts.bits());
  z3::expr drop = terms.number(verdicts.numberOf("DROP"), verdicts.bits());
  ir::Policy policy = chain ? chain->policy : ir::Policy::Unstated;
  assert(policy != ir::Policy::None && "built-in chains have a policy, stated or not");
  if (policy == ir::Policy::Unstated)
    return choose(unknowns.policyAccepts(), accept, drop);
  return policy == ir::Policy::Accept ? accept : drop;
}

llvm::Expected<Outcome> Walk::fromHook() {
  const ir::Chain *chain = slice.hook();
  State start = unknowns.start();
  Outcome rules = returned(start);
  if (chain) {
    llvm::Expected<Outcome> encoded = encode(slice.numberOfHook(), start);
    if (!encoded)
      return encoded.takeError();
    rules = *encoded;
  }
  return choose(rules.ended, ended(rules.verdict, rules.atEnd), ended(policyVerdict(chain), rules.back));
}

llvm::Expected<Outcome> Walk::encode(uint32_t chain, const State &entry) {
  if (llvm::Error error = enter(chain, entry))
    return error;
  while (!frames.empty()) {
    Frame &frame = frames.back();
    if (frame.next == frame.rules.size())
      finish(frame);
    else if (llvm::Error error = step(frame))
      return error;
  }
  return *known(chain, entry);
}

const Outcome *Walk::known(uint32_t chain, const State &entry) const {
  auto found = encoded.find({chain, keyOf(entry)});
  return found == encoded.end() ? nullptr : &found->second.outcome;
}

llvm::Error Walk::enter(uint32_t chain, const State &entry) {
  if (open[chain])
    return cannot(("jumps lead round in a circle through " + table.chains[chain].name).str());
  open[chain] = true;
  frames.push_back(Frame{chain, slice.rulesOf(chain), entry, Course(terms, unknowns, entry), 0, std::nullopt, {}});
  return llvm::Error::success();
}

Outcome Walk::named(Outcome outcome) {
  outcome.ended = terms.named(outcome.ended);
  outcome.verdict = terms.named(outcome.verdict);
  for (State *state : {&outcome.atEnd, &outcome.back}) {
    state->opaque = terms.named(state->opaque);
    state->history = terms.named(state->history);
    for (z3::expr &field : state->fields)
      field = terms.named(field);
  }
  return outcome;
}

void Walk::finish(Frame &frame) {
  Outcome outcome = returned(frame.course.ofAll());
  size_t untilNamed = kExitsPerName;
  for (const Exit &exit : llvm::reverse(frame.exits)) {
    Outcome chosen = choose(exit.when, exit.outcome, outcome);
    bool isChanged = !isSame(chosen, outcome);
    outcome = chosen;
    if (isChanged && --untilNamed == 0) {
      outcome = named(outcome);
      untilNamed = kExitsPerName;
    }
  }
  outcome = named(outcome);
  open[frame.chain] = false;
  encoded.emplace(std::make_pair(frame.chain, keyOf(frame.entry)), Encoded{frame.entry, outcome});
  frames.pop_back();
}

/// Encodes the next rule. A call of a chain that is not encoded yet opens a frame for it and leaves the rule
/// for the time when that is done.
llvm::Error Walk::step(Frame &frame) {
  if (++visits > kMostVisits)
    return cannot("too many ways lead through the chains: more than 2,000,000 rules to visit");
  const ir::Rule &rule = *frame.rules[frame.next];
  if (rule.broken)
    return cannot("a rule that could not be read stands in " + table.chains[frame.chain].name.str());
  Condition condition = frame.calling ? *frame.calling : evaluate(frame, rule);
  bool calls = rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto;
  if (calls && !condition.met.is_false())
    return call(frame, rule, condition);
  ++frame.next;
  if (!calls)
    decide(frame, rule, condition);
  return llvm::Error::success();
}

llvm::Error Walk::call(Frame &frame, const ir::Rule &rule, const Condition &condition) {
  if (rule.target.chain == ir::kNoChain)
    return cannot(("the chain " + rule.target.name + " does not exist").str());
  const Outcome *callee = known(rule.target.chain, condition.state);
  if (!callee) {
    frame.calling = condition;
    return enter(rule.target.chain, condition.state);
  }
  take(frame, rule, condition, *callee);
  frame.calling.reset();
  ++frame.next;
  return llvm::Error::success();
}

void Walk::take(Frame &frame, const ir::Rule &rule, const Condition &condition, const Outcome &callee) {
  if (rule.target.kind == ir::TargetKind::Goto) {
    frame.exits.push_back({condition.met, callee});
    return;
  }
  z3::expr ends = endings.endsFor(rule.target.chain, Tests(rule)) ? terms.truth(true) : callee.ended;
  frame.exits.push_back({conjunction(condition.met, ends), ended(callee.verdict, callee.atEnd)});
  if (!ends.is_true())
    frame.course.change(Tests(rule), condition.met, callee.back);
}

Walk::Condition Walk::evaluate(Frame &frame, const ir::Rule &rule) {
  z3::expr met = terms.truth(true);
  for (size_t i = 0; i != rule.tests.size() && !met.is_false(); ++i) {
    const ir::Test &test = rule.tests[i];
    std::optional<bool> known = slice.known(test);
    auto value = [&](Field field) { return valueAt(frame, Tests(rule, i), field); };
    auto holdsHere = [&](const auto &test) { return holds(test, terms, value); };
    z3::expr here = known                                         ? terms.truth(*known)
                    : std::holds_alternative<ir::OpaqueTest>(test) ? evaluateOpaque(frame, rule, i, met)
                    : std::holds_alternative<ir::RangeTest>(test)  ? holdsHere(slice.trimmed(std::get<ir::RangeTest>(test)))
                    : std::holds_alternative<ir::MaskTest>(test)   ? holdsHere(std::get<ir::MaskTest>(test))
                                                                   : holdsHere(slice.trimmed(std::get<ir::UnionTest>(test)));
    met = conjunction(met, here);
  }
  return {met, frame.course.of(Tests(rule))};
}

/// \param soFar  whether the tests in front of it are met.
z3::expr Walk::evaluateOpaque(Frame &frame, const ir::Rule &rule, size_t position, const z3::expr &soFar) {
  const auto &test = std::get<ir::OpaqueTest>(rule.tests[position]);
  Tests before(rule, position);
  State after = frame.course.of(before);
  z3::expr met = terms.truth(true);
  if (test.opacity == ir::Opacity::Function)
    met = unknowns.holds(test.text, after);
  else {
    stateful.insert(test.option.str());
    Event event{Event::Kind::Evaluation, instances.nameOf(rule, test, position)};
    unknowns.noteEvaluation(event, test.text);
    after.history = unknowns.after(after, event);
    after.evaluations = unknowns.afterEvaluation(after, event);
    met = unknowns.cameTrue(after.history);
    frame.course.change(before, soFar, after);
  }
  return test.negated ? negation(met) : met;
}

/// What a field has become of packets that meet \p tests.
z3::expr Walk::valueAt(const Frame &frame, Tests tests, Field field) {
  if (unknowns.indexOf(field))
    return valueIn(frame.course.of(tests), field);
  terms.noteRead(field);
  return terms.entering(field);
}

z3::expr Walk::valueIn(const State &state, Field field) {
  terms.noteRead(field);
  std::optional<unsigned> index = unknowns.indexOf(field);
  return index ? state.fields[*index] : terms.entering(field);
}

/// What a rule that calls no chain does to the packets that meet its condition.
void Walk::decide(Frame &frame, const ir::Rule &rule, const Condition &condition) {
  switch (rule.target.kind) {
  case ir::TargetKind::None:
    return;
  case ir::TargetKind::Accept:
    frame.exits.push_back({condition.met, ended("ACCEPT", condition.state)});
    return;
  case ir::TargetKind::Drop:
    frame.exits.push_back({condition.met, ended("DROP", condition.state)});
    return;
  case ir::TargetKind::Verdict:
    frame.exits.push_back({condition.met, ended(actionText(rule.target), condition.state)});
    return;
  case ir::TargetKind::Return:
    frame.exits.push_back({condition.met, returned(condition.state)});
    return;
  case ir::TargetKind::Continue:
    frame.course.change(Tests(rule), condition.met, afterActing(rule, condition.state));
    return;
  case ir::TargetKind::Opaque:
    decideOpaque(frame, rule, condition);
    return;
  case ir::TargetKind::Jump:
  case ir::TargetKind::Goto:
    break;
  }
  llvm_unreachable("calls are encoded by call()");
}

/// Whether a target does nothing but write known values into fields, so that no trace of it is left but those.
static bool onlyWrites(const ir::Target &target) {
  return target.name == "MARK" && !target.rewritesUnmodelled &&
         llvm::all_of(target.writes, [](const ir::Write &write) { return write.known; });
}

State Walk::afterActing(const ir::Rule &rule, State state) {
  Event event{Event::Kind::Effect, actionText(rule.target)};
  if (!onlyWrites(rule.target))
    state.history = unknowns.after(state, event);
  State written = state;
  if (rule.target.rewritesUnmodelled) {
    written.rewriting = state.history;
    unknowns.noteRewriting(event);
  }
  for (const ir::Write &write : rule.target.writes) {
    assert((write.known || !rule.target.writesIf) && "what is made up is made up for every packet");
    apply(write, written);
  }
  if (!rule.target.writesIf)
    return written;
  return choose(holds(*rule.target.writesIf, terms, [&](Field field) { return valueIn(state, field); }), written,
                state);
}

void Walk::apply(const ir::Write &write, State &state) {
  z3::expr &value = state.fields[*unknowns.indexOf(write.field)];
  unsigned bits = value.get_sort().bv_size();
  Value ones = ~Value(0) >> (128 - bits);
  auto masked = [&](const z3::expr &of, Value mask) {
    mask &= ones;
    return mask == ones ? of : mask == 0 ? terms.number(0, bits) : of & terms.number(mask, bits);
  };
  if (!write.known) {
    value = masked(value, write.keep) | masked(unknowns.madeUp(write.field, state.history), ~write.keep);
    return;
  }
  z3::expr result = write.keep == 0 ? terms.number(write.flip, bits) : masked(value, write.keep);
  if (write.keep != 0 && write.flip != 0)
    result = result ^ terms.number(write.flip, bits);
  if (write.copy != 0)
    result = write.keep == 0 && write.flip == 0 ? masked(valueIn(state, write.from), write.copy)
                                                : result ^ masked(valueIn(state, write.from), write.copy);
  value = result;
}

/// An opaque target may end the table with a verdict of its own, or go on and leave nothing as it was.
void Walk::decideOpaque(Frame &frame, const ir::Rule &rule, const Condition &condition) {
  stateful.insert(("-j " + rule.target.name).str());
  State after = condition.state;
  after.history = unknowns.after(after, {Event::Kind::OpaqueTarget, instances.nameOfTarget(rule)});
  after.rewriting = after.history;
  after.opaque = terms.truth(true);
  for (size_t i = 0; i != after.fields.size(); ++i)
    after.fields[i] = unknowns.madeUp(unknowns.writtenFields()[i], after.history);
  frame.exits.push_back({conjunction(condition.met, unknowns.cameTrue(after.history)),
                         ended(fmt::format("? {}", actionText(rule.target)), after)});
  frame.course.change(Tests(rule), condition.met, after);
}

} // namespace iptlint::smt
