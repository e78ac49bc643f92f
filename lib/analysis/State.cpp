#include "analysis/State.h"
#include "ir/Reads.h"
#include <cassert>

namespace iptlint::analysis {

bool mayDoAnything(const ir::Rule &rule) {
  const ir::Target &target = rule.target;
  bool jumps = target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto;
  return rule.broken || target.kind == ir::TargetKind::Opaque || (jumps && target.chain == ir::kNoChain);
}

/// Bits outside \p keep become known zeros.
static void clear(FieldState &field, Value keep) {
  for (auto part = field.others.begin(); part != field.others.end();) {
    part->second &= keep;
    part = part->second ? std::next(part) : field.others.erase(part);
  }
  field.known |= ~keep;
  field.constant &= keep;
  field.flip &= keep;
  field.blurred &= keep;
}

/// Zeros under \p bits become what \p from has there.
static void copy(FieldState &field, Field self, const FieldState &from, Field other, Value bits) {
  Value asEntered = bits & ~from.known & ~from.blurred;
  for (const auto &[origin, part] : from.others) {
    asEntered &= ~part;
    if ((part & bits) && origin != Origin{self, 0})
      field.others[origin] |= part & bits;
  }
  if (asEntered)
    field.others[{other, 0}] |= asEntered;
  field.known &= ~bits | from.known;
  field.constant |= from.constant & bits;
  field.flip |= from.flip & bits;
  field.blurred |= from.blurred & bits;
}

/// \param source  of the value that an unknown write makes up.
static void apply(State &state, const ir::Write &write, unsigned source) {
  const FieldState *found = write.copy ? state.find(write.from) : nullptr;
  FieldState from = found ? *found : FieldState();
  FieldState &field = state.fields[write.field];
  clear(field, write.keep);
  if (!write.known) {
    field.known &= write.keep;
    if (~write.keep)
      field.others[{write.field, source}] = ~write.keep;
    return;
  }
  if (write.copy)
    copy(field, write.field, from, write.from, write.copy);
  field.constant ^= write.flip & field.known;
  field.flip ^= write.flip & ~field.known & ~field.blurred;
  if (field == FieldState())
    state.fields.erase(write.field);
}

static State afterAnything(State state) {
  unsigned source = ++state.madeUpValues;
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    if (Field(i) != Field::Hook)
      apply(state, {.field = Field(i), .known = false}, source);
  ++state.rewritings;
  return state;
}

State afterTarget(State state, const ir::Rule &rule) {
  if (mayDoAnything(rule))
    return afterAnything(std::move(state));
  for (const ir::Write &write : rule.target.writes) {
    if (!write.known)
      ++state.madeUpValues;
    apply(state, write, state.madeUpValues);
  }
  if (rule.target.rewritesUnmodelled)
    ++state.rewritings;
  return state;
}

static void addField(Parts &parts, Field field, Value bits) {
  parts.fields |= uint64_t(1) << unsigned(field);
  if (field == Field::Mark)
    parts.markBits |= uint32_t(bits);
  if (field == Field::ConnMark)
    parts.flowMarkBits |= uint32_t(bits);
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
    parts.markBits = parts.flowMarkBits = ~uint32_t(0);
    return parts;
  }
  for (const ir::Write &write : rule.target.writes)
    addField(parts, write.field, ~write.keep | write.flip);
  if (rule.target.rewritesUnmodelled)
    parts.fields |= Parts::kConditions;
  return parts;
}

Parts partsReadByTarget(const ir::Rule &rule) {
  Parts parts;
  for (const ir::Write &write : rule.target.writes)
    if (write.copy)
      addField(parts, write.from, write.copy);
  if (rule.target.writesIf)
    ir::forEachRead(*rule.target.writesIf, [&](Field field, Value bits) { addField(parts, field, bits); });
  return parts;
}

static Value bitsOf(Field field, const Parts &parts) {
  return field == Field::Mark ? parts.markBits : field == Field::ConnMark ? parts.flowMarkBits : ~Value(0);
}

State blurred(State state, const Parts &parts) {
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    if (!(parts.fields >> i & 1))
      continue;
    Value bits = bitsOf(Field(i), parts);
    FieldState &field = state.fields[Field(i)];
    clear(field, ~bits);
    field.known &= ~bits;
    field.blurred |= bits;
  }
  if (parts.fields & Parts::kConditions)
    state.conditionsBlurred = true;
  return state;
}

} // namespace iptlint::analysis
