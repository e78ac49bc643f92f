#include "analysis/State.h"
#include "ir/Reads.h"
#include <cassert>

namespace iptlint::analysis {

bool mayDoAnything(const ir::Rule &rule) {
  const ir::Target &target = rule.target;
  bool jumps = target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto;
  return rule.broken || target.kind == ir::TargetKind::Opaque || (jumps && target.chain == ir::kNoChain);
}

static void apply(FieldState &state, const ir::Write &write, unsigned source) {
  Value keep = write.keep, flip = write.known ? write.flip : 0;
  for (auto part = state.madeUp.begin(); part != state.madeUp.end();) {
    part->second &= keep;
    part = part->second ? std::next(part) : state.madeUp.erase(part);
  }
  Value stillKnown = state.known & keep;
  state.constant = (state.constant ^ flip) & stillKnown;
  state.flip = (state.flip ^ flip) & keep & ~stillKnown;
  state.blurred &= keep;
  state.known = stillKnown;
  if (write.known) {
    state.known |= ~keep;
    state.constant |= flip & ~keep;
  } else if (~keep) {
    state.madeUp[source] = ~keep;
  }
}

static State afterAnything(State state) {
  unsigned source = ++state.madeUpValues;
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    if (Field(i) != Field::Hook)
      apply(state.fields[Field(i)], {.field = Field(i), .known = false, .keep = 0, .flip = 0}, source);
  ++state.rewritings;
  return state;
}

State afterTarget(State state, const ir::Rule &rule) {
  if (mayDoAnything(rule))
    return afterAnything(std::move(state));
  for (const ir::Write &write : rule.target.writes) {
    if (!write.known)
      ++state.madeUpValues;
    apply(state.fields[write.field], write, state.madeUpValues);
  }
  if (rule.target.rewritesUnmodelled)
    ++state.rewritings;
  return state;
}

static void addField(Parts &parts, Field field, Value bits) {
  parts.fields |= uint64_t(1) << unsigned(field);
  if (field == Field::Mark)
    parts.markBits |= uint32_t(bits);
}

Parts partsRead(const ir::Test &test) {
  Parts parts;
  ir::forEachRead(test, [&](Field field, Value bits) { addField(parts, field, bits); });
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  if (opaque && opaque->opacity == ir::Opacity::Function)
    parts.fields |= Parts::kConditions;
  return parts;
}

Parts partsRead(const ir::Rule &rule) {
  Parts parts;
  for (const ir::Test &test : rule.tests)
    parts |= partsRead(test);
  return parts;
}

Parts partsWritten(const ir::Rule &rule) {
  Parts parts;
  if (mayDoAnything(rule)) {
    parts.fields = ~(uint64_t(1) << unsigned(Field::Hook));
    parts.markBits = ~uint32_t(0);
    return parts;
  }
  for (const ir::Write &write : rule.target.writes)
    addField(parts, write.field, ~write.keep | write.flip);
  if (rule.target.rewritesUnmodelled)
    parts.fields |= Parts::kConditions;
  return parts;
}

State blurred(State state, const Parts &parts) {
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    if (!(parts.fields >> i & 1))
      continue;
    Value bits = Field(i) == Field::Mark ? Value(parts.markBits) : ~Value(0);
    FieldState &field = state.fields[Field(i)];
    apply(field, {.field = Field(i), .known = true, .keep = ~bits, .flip = 0}, 0);
    field.known &= ~bits;
    field.blurred |= bits;
  }
  if (parts.fields & Parts::kConditions)
    state.conditionsBlurred = true;
  return state;
}

} // namespace iptlint::analysis
