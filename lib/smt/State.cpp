#include "smt/State.h"
#include <cassert>

namespace iptlint::smt {

State choose(const z3::expr &condition, const State &then, const State &otherwise) {
  assert(then.fields.size() == otherwise.fields.size() && "both sides write the same fields");
  State chosen{{},
               choose(condition, then.history, otherwise.history),
               choose(condition, then.rewriting, otherwise.rewriting),
               choose(condition, then.evaluations, otherwise.evaluations),
               choose(condition, then.opaque, otherwise.opaque)};
  for (size_t i = 0; i != then.fields.size(); ++i)
    chosen.fields.push_back(choose(condition, then.fields[i], otherwise.fields[i]));
  return chosen;
}

std::vector<unsigned> keyOf(const State &state) {
  std::vector<unsigned> key{state.history.id(), state.rewriting.id(), state.evaluations.id(), state.opaque.id()};
  for (const z3::expr &field : state.fields)
    key.push_back(field.id());
  return key;
}

bool isSame(const State &left, const State &right) {
  for (size_t i = 0; i != left.fields.size(); ++i)
    if (!z3::eq(left.fields[i], right.fields[i]))
      return false;
  return z3::eq(left.history, right.history) && z3::eq(left.rewriting, right.rewriting) &&
         z3::eq(left.evaluations, right.evaluations) && z3::eq(left.opaque, right.opaque);
}

z3::expr differ(const State &left, const State &right) {
  auto differ = [](const z3::expr &left, const z3::expr &right) {
    return z3::eq(left, right) ? left.ctx().bool_val(false) : left != right;
  };
  z3::expr any = differ(left.history, right.history);
  for (size_t i = 0; i != left.fields.size(); ++i)
    any = disjunction(any, differ(left.fields[i], right.fields[i]));
  return any;
}

} // namespace iptlint::smt
