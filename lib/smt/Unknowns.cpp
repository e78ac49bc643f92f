#include "smt/Unknowns.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"
#include <fmt/format.h>

namespace iptlint::smt {

constexpr unsigned kChecksumBits = 64;

Unknowns::Unknowns(Terms &terms, std::vector<Field> written)
    : terms(terms), written(std::move(written)), histories(terms.context.uninterpreted_sort("history")),
      beginning(terms.context.constant("start", histories)), consistent(terms.truth(true)) {}

State Unknowns::start() {
  State state{{}, beginning, beginning, terms.number(0, kChecksumBits), terms.truth(false)};
  for (Field field : written) {
    terms.noteRead(field);
    state.fields.push_back(terms.entering(field));
  }
  return state;
}

std::optional<unsigned> Unknowns::indexOf(Field field) const {
  auto found = llvm::find(written, field);
  if (found == written.end())
    return std::nullopt;
  return unsigned(found - written.begin());
}

const ir::RangeTest *Unknowns::unwrittenRange(const ir::Test &test) const {
  const auto *range = std::get_if<ir::RangeTest>(&test);
  return range && !range->orField && !indexOf(range->field) ? range : nullptr;
}

z3::func_decl Unknowns::eventFunction(const Event &event) {
  auto known = events.find(event);
  if (known != events.end())
    return known->second;
  z3::sort_vector domain(terms.context);
  domain.push_back(histories);
  for (Field field : written)
    domain.push_back(terms.entering(field).get_sort());
  // Numbered, since a text may hold any byte and the solver's names end at the first zero.
  std::string name = fmt::format("event {}", events.size());
  z3::func_decl made = terms.context.function(name.c_str(), domain, histories);
  eventOfFunction.emplace(made.id(), event);
  return events.emplace(event, made).first->second;
}

z3::expr Unknowns::after(const State &state, const Event &event) {
  functions = true;
  z3::expr_vector arguments(terms.context);
  arguments.push_back(state.history);
  for (const z3::expr &field : state.fields)
    arguments.push_back(field);
  return eventFunction(event)(arguments);
}

/// Turned and mixed with a number for the event. Only a guide to packets for which both sides evaluate the
/// same: whether they do is read from the model, exactly.
z3::expr Unknowns::afterEvaluation(const State &state, const Event &event) {
  uint64_t mixed = llvm::xxHash64(event.text);
  z3::expr turned = z3::expr(state.evaluations).rotate_left(7);
  return turned ^ terms.number(mixed, kChecksumBits);
}

z3::expr Unknowns::entryTruth(unsigned condition) {
  return terms.context.bool_const(fmt::format("condition {}", condition).c_str());
}

z3::func_decl Unknowns::laterTruth(unsigned condition) {
  std::string name = fmt::format("condition {} later", condition);
  return terms.context.function(name.c_str(), histories, terms.context.bool_sort());
}

z3::expr Unknowns::holds(llvm::StringRef text, const State &state) {
  auto [truth, isNew] = conditions.try_emplace(text.str(), conditions.size());
  z3::expr atEntry = entryTruth(truth->second);
  if (z3::eq(state.rewriting, beginning))
    return atEntry;
  functions = true;
  z3::func_decl later = laterTruth(truth->second);
  consistent = conjunction(consistent, later(beginning) == atEntry);
  return later(state.rewriting);
}

z3::expr Unknowns::cameTrue(const z3::expr &history) {
  functions = true;
  return terms.context.function("came true", histories, terms.context.bool_sort())(history);
}

z3::expr Unknowns::madeUp(Field field, const z3::expr &history) {
  functions = true;
  std::string name = "made up " + packet::name(field).str();
  z3::expr made = terms.context.function(name.c_str(), histories, terms.entering(field).get_sort())(history);
  consistent = conjunction(consistent, terms.meaningful(field, made));
  std::vector<Field> &fields = fieldsMadeUp[*lastEvent(history)];
  if (!llvm::is_contained(fields, field))
    fields.push_back(field);
  return made;
}

std::vector<Field> Unknowns::madeUpBy(const Event &event) const {
  auto found = fieldsMadeUp.find(event);
  return found == fieldsMadeUp.end() ? std::vector<Field>() : found->second;
}

z3::expr Unknowns::policyAccepts() {
  return terms.context.bool_const("policy accepts");
}

std::optional<Event> Unknowns::lastEvent(const z3::expr &history) const {
  auto found = eventOfFunction.find(history.decl().id());
  if (found == eventOfFunction.end())
    return std::nullopt;
  return found->second;
}

} // namespace iptlint::smt
