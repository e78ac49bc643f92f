#include "smt/Terms.h"
#include "llvm/Support/ErrorHandling.h"
#include <cassert>
#include <fmt/format.h>

namespace iptlint::smt {

static z3::expr_vector enteringPacket(z3::context &context, packet::Family family) {
  z3::expr_vector fields(context);
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    fields.push_back(context.bv_const(packet::name(Field(i)).data(), packet::bits(Field(i), family)));
  return fields;
}

Terms::Terms(packet::Family family, packet::Hook hook)
    : family(family), hook(hook), packet(enteringPacket(context, family)) {}

z3::expr Terms::number(Value value, unsigned bits) {
  bool digits[128];
  for (unsigned i = 0; i != bits; ++i)
    digits[i] = value >> i & 1;
  return context.bv_val(bits, digits);
}

static z3::expr presenceHolds(Terms &terms, Field interface) {
  z3::expr name = terms.entering(interface);
  z3::expr absent = name == terms.number(0, name.get_sort().bv_size());
  switch (packet::presence(terms.hook, interface)) {
  case packet::Presence::Absent:
    return absent;
  case packet::Presence::Present:
    return !absent;
  case packet::Presence::Either:
    return terms.truth(true);
  }
  llvm_unreachable("three kinds of presence");
}

z3::expr Terms::meaningful(Field field, const z3::expr &value) {
  unsigned bits = packet::bits(field, family);
  Value most = packet::maxValue(field, family);
  if (most == ~Value(0) >> (128 - bits))
    return truth(true);
  return z3::ule(value, number(most, bits));
}

static z3::expr canBeProtocol(Terms &terms) {
  z3::expr all = terms.truth(true);
  for (unsigned protocol = 0; protocol != 256; ++protocol)
    if (!packet::canBeProtocol(protocol, terms.family))
      all = conjunction(all, terms.entering(Field::Proto) != terms.number(protocol, 8));
  return all;
}

z3::expr Terms::wellFormed(Field field) {
  switch (field) {
  case Field::Hook:
    return entering(field) == number(unsigned(hook), packet::bits(field, family));
  case Field::In:
  case Field::Out:
    return presenceHolds(*this, field);
  case Field::Proto:
    return canBeProtocol(*this);
  case Field::Fragment:
    if (!packet::seesFragments(hook, family))
      return entering(field) == number(0, packet::bits(field, family));
    [[fallthrough]];
  default:
    return meaningful(field, entering(field));
  }
}

z3::expr Terms::wellFormed() {
  z3::expr all = truth(true);
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    all = conjunction(all, wellFormed(Field(i)));
  return all;
}

z3::expr Terms::named(const z3::expr &term) {
  if (term.is_const())
    return term;
  auto known = names.find(term.id());
  if (known != names.end())
    return known->second;
  std::string name = fmt::format("part {}", names.size());
  z3::expr constant = context.constant(name.c_str(), term.get_sort());
  numbers.emplace(constant.id(), meanings.size());
  meanings.push_back(constant == term);
  return names.emplace(term.id(), constant).first->second;
}

std::optional<z3::expr> Terms::meaningOf(const z3::expr &name) const {
  auto found = numbers.find(name.id());
  return found == numbers.end() ? std::nullopt : std::optional(meanings[found->second].arg(1));
}

void Terms::forget() {
  names.clear();
  numbers.clear();
  meanings.clear();
  read.reset();
}

z3::expr conjunction(const z3::expr &left, const z3::expr &right) {
  if (left.is_true() || right.is_false())
    return right;
  if (right.is_true() || left.is_false())
    return left;
  return left && right;
}

z3::expr disjunction(const z3::expr &left, const z3::expr &right) {
  if (left.is_false() || right.is_true())
    return right;
  if (right.is_false() || left.is_true())
    return left;
  return left || right;
}

z3::expr negation(const z3::expr &operand) {
  if (operand.is_true() || operand.is_false())
    return operand.ctx().bool_val(operand.is_false());
  return operand.is_not() ? operand.arg(0) : !operand;
}

z3::expr choose(const z3::expr &condition, const z3::expr &then, const z3::expr &otherwise) {
  if (condition.is_true() || z3::eq(then, otherwise))
    return then;
  if (condition.is_false())
    return otherwise;
  if (then.is_true() || otherwise.is_false())
    return then.is_true() ? disjunction(condition, otherwise) : conjunction(condition, then);
  if (then.is_false() || otherwise.is_true())
    return then.is_false() ? conjunction(negation(condition), otherwise) : disjunction(negation(condition), then);
  return z3::ite(condition, then, otherwise);
}

Value valueOf(const z3::expr &numeral) {
  std::string decimal;
  bool isNumeral = numeral.is_numeral(decimal);
  assert(isNumeral && "models are completed");
  Value value = 0;
  for (char digit : decimal)
    value = value * 10 + unsigned(digit - '0');
  return value;
}

} // namespace iptlint::smt
