#include "smt/Asking.h"
#include <fmt/format.h>

namespace iptlint::smt {

using std::chrono::milliseconds;

Asking::Asking(z3::context &context, bool bitVectorsOnly, milliseconds budget)
    : solver(context, bitVectorsOnly ? "QF_FD" : "QF_UFBV"), budget(budget) {}

static z3::expr_vector vectorOf(z3::context &context, llvm::ArrayRef<z3::expr> terms) {
  z3::expr_vector all(context);
  for (const z3::expr &term : terms)
    all.push_back(term);
  return all;
}

z3::check_result Asking::ask(llvm::ArrayRef<z3::expr> assumptions, milliseconds atMost) {
  milliseconds left = std::min(budget - milliseconds(uint64_t(spent * 1000)), atMost);
  if (left <= milliseconds::zero())
    return z3::unknown;
  z3::params limits(solver.ctx());
  limits.set("timeout", unsigned(std::min<milliseconds::rep>(left.count(), 1u << 31)));
  solver.set(limits);
  ++queries;
  Clock::time_point begin = Clock::now();
  z3::check_result answer = solver.check(vectorOf(solver.ctx(), assumptions));
  spent += std::chrono::duration<double>(Clock::now() - begin).count();
  return answer;
}

std::string Asking::whyUnknown() const {
  if (spent * 1000 >= double(budget.count()))
    return fmt::format("no answer within {} seconds", double(budget.count()) / 1000);
  return "the solver gave up: " + solver.reason_unknown();
}

} // namespace iptlint::smt
