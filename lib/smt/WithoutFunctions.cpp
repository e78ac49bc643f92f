#include "smt/WithoutFunctions.h"
#include "smt/Parts.h"
#include "llvm/Support/MathExtras.h"
#include <cassert>
#include <fmt/format.h>

namespace iptlint::smt {

/// Of a function with more uses than this on one event nothing is stated: pairs grow with their square.
constexpr size_t kMostUses = 40;

static bool isUninterpreted(const z3::sort &sort) {
  return sort.sort_kind() == Z3_UNINTERPRETED_SORT;
}

/// What becomes a constant: a use of a function, or a constant of a sort that is no bit-vector.
static bool isUnknown(const z3::expr &term) {
  return term.decl().decl_kind() == Z3_OP_UNINTERPRETED && (term.num_args() != 0 || isUninterpreted(term.get_sort()));
}

WithoutFunctions::WithoutFunctions(z3::context &context, llvm::ArrayRef<z3::expr> terms)
    : context(context), made(context) {
  uint64_t different = 1;
  forEachPart(terms, [&](const z3::expr &term) { different += isUnknown(term) && isUninterpreted(term.get_sort()); });
  width = llvm::Log2_64_Ceil(different) + 1;
  forEachPart(terms, [&](const z3::expr &term) { visit(term); });
}

void WithoutFunctions::visit(const z3::expr &term) {
  z3::expr without = isUnknown(term) ? constantFor(term) : rebuilt(term);
  indices[term.id()] = made.size();
  originals.push_back(term);
  made.push_back(without);
}

z3::expr WithoutFunctions::constantFor(const z3::expr &term) {
  std::string name = fmt::format("unknown {}", uses.size());
  uses.push_back(term);
  z3::sort sort = isUninterpreted(term.get_sort()) ? context.bv_sort(width) : term.get_sort();
  return context.constant(name.c_str(), sort);
}

z3::expr WithoutFunctions::rebuilt(const z3::expr &term) const {
  z3::expr_vector parts(context);
  bool isChanged = false;
  for (unsigned i = 0; i != term.num_args(); ++i) {
    parts.push_back(of(term.arg(i)));
    isChanged |= !z3::eq(parts.back(), term.arg(i));
  }
  if (!isChanged)
    return term;
  switch (term.decl().decl_kind()) { // of these the declaration names the sort
  case Z3_OP_ITE:
    return z3::ite(parts[0], parts[1], parts[2]);
  case Z3_OP_EQ:
    return parts[0] == parts[1];
  case Z3_OP_DISTINCT:
    return z3::distinct(parts);
  default:
    return term.decl()(parts);
  }
}

/// The function, and the event that its first argument ends with.
static std::pair<unsigned, unsigned> kindOf(const z3::expr &use) {
  bool isOfEvent = use.num_args() == 1 && use.arg(0).num_args() != 0;
  return {use.decl().id(), isOfEvent ? use.arg(0).decl().id() : 0};
}

std::vector<z3::expr> WithoutFunctions::congruences() const {
  std::map<std::pair<unsigned, unsigned>, std::vector<z3::expr>> kinds;
  for (const z3::expr &use : uses)
    if (use.num_args() != 0)
      kinds[kindOf(use)].push_back(use);
  std::vector<z3::expr> facts;
  for (const auto &[kind, alike] : kinds)
    for (size_t i = 0; i != alike.size() && alike.size() <= kMostUses; ++i)
      for (size_t j = 0; j != i; ++j)
        facts.push_back(congruent(alike[i], alike[j]));
  return facts;
}

z3::expr WithoutFunctions::congruent(const z3::expr &left, const z3::expr &right) const {
  z3::expr all = context.bool_val(true);
  for (unsigned i = 0; i != left.num_args(); ++i)
    if (z3::expr one = of(left.arg(i)), other = of(right.arg(i)); !z3::eq(one, other))
      all = conjunction(all, one == other);
  return z3::implies(all, of(left) == of(right));
}

z3::expr WithoutFunctions::of(const z3::expr &term) const {
  auto found = indices.find(term.id());
  assert(found != indices.end() && "not one of the terms that were to be asked for");
  return made[int(found->second)];
}

} // namespace iptlint::smt
