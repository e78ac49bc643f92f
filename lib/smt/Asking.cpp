#include "smt/Asking.h"
#include <fmt/format.h>

namespace iptlint::smt {

using std::chrono::milliseconds;

std::string Deadline::text() const {
  return fmt::format("no answer within {} seconds", double(budget.count()) / 1000);
}

Asking::Asking(z3::context &context, bool bitVectorsOnly, const Deadline &deadline)
    : solver(context, bitVectorsOnly ? "QF_FD" : "QF_UFBV"), deadline(deadline), facts(context) {}

void Asking::add(const z3::expr &fact) {
  solver.add(fact);
  facts.push_back(fact);
}

void Asking::push() {
  solver.push();
  scopes.push_back(facts.size());
}

void Asking::pop() {
  solver.pop();
  facts.resize(scopes.back());
  scopes.pop_back();
}

static z3::expr_vector vectorOf(z3::context &context, llvm::ArrayRef<z3::expr> terms) {
  z3::expr_vector all(context);
  for (const z3::expr &term : terms)
    all.push_back(term);
  return all;
}

/// Telling the solver costs more than a small question, so it is told again only where that matters: when an eighth of
/// the time is gone, or another limit is set.
void Asking::limit(milliseconds time) {
  if (limited - limited / 8 <= time && time <= limited)
    return;
  z3::params limits(solver.ctx());
  limits.set("timeout", unsigned(std::min<milliseconds::rep>(time.count(), 1u << 31)));
  solver.set(limits);
  limited = time;
}

z3::check_result Asking::ask(llvm::ArrayRef<z3::expr> assumptions, milliseconds atMost) {
  milliseconds left = std::min(deadline.left(), atMost);
  if (left <= milliseconds::zero())
    return z3::unknown;
  limit(left);
  ++queries;
  Clock::time_point begin = Clock::now();
  z3::check_result answer = solver.check(vectorOf(solver.ctx(), assumptions));
  spent += std::chrono::duration<double>(Clock::now() - begin).count();
  return answer;
}

std::string Asking::whyUnknown() const {
  return deadline.isOver() ? deadline.text() : "the solver gave up: " + solver.reason_unknown();
}

std::string Asking::asText(llvm::ArrayRef<z3::expr> assumptions, z3::check_result answer) const {
  z3::context &context = solver.ctx();
  std::vector<Z3_ast> all;
  for (unsigned i = 0; i != facts.size(); ++i)
    all.push_back(facts[int(i)]);
  for (const z3::expr &assumption : assumptions)
    all.push_back(assumption);
  const char *status = answer == z3::sat ? "sat" : answer == z3::unsat ? "unsat" : "unknown";
  Z3_ast last = all.empty() ? Z3_ast(context.bool_val(true)) : all.back();
  unsigned before = all.empty() ? 0 : unsigned(all.size() - 1);
  return Z3_benchmark_to_smtlib_string(context, "iptlint", "", status, "", before, all.data(), last);
}

} // namespace iptlint::smt
