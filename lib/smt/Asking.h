// The solver with a clock and a count: every question that is asked of it goes through here.
#pragma once

#include "smt/Terms.h"
#include "llvm/ADT/ArrayRef.h"
#include <chrono>

namespace iptlint::smt {

/// When there is no more time, and how much there was.
struct Deadline {
  using Clock = std::chrono::steady_clock;

  explicit Deadline(std::chrono::milliseconds budget) : budget(budget), end(Clock::now() + budget) {}
  bool isOver() const { return Clock::now() >= end; }
  std::chrono::milliseconds left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  }
  /// "no answer within 60 seconds"
  std::string text() const;

  std::chrono::milliseconds budget;
  Clock::time_point end;
};

class Asking {
public:
  using Clock = Deadline::Clock;

  /// \param bitVectorsOnly  no uninterpreted function occurs: a faster solver will do.
  Asking(z3::context &context, bool bitVectorsOnly, const Deadline &deadline);

  void add(const z3::expr &fact);
  /// What is added from now on holds until pop().
  void push();
  void pop();

  /// Whether all facts and \p assumptions can hold at once. z3::unknown where the time is over, or earlier
  /// where \p atMost is.
  z3::check_result ask(llvm::ArrayRef<z3::expr> assumptions,
                       std::chrono::milliseconds atMost = std::chrono::milliseconds::max());

  /// The model behind the last answer that was z3::sat.
  z3::model model() const { return solver.get_model(); }
  /// Why the last answer was z3::unknown.
  std::string whyUnknown() const;

  /// A question with its \p answer in SMT-LIB 2, for any solver to ask it again.
  std::string asText(llvm::ArrayRef<z3::expr> assumptions, z3::check_result answer) const;

  unsigned asked() const { return queries; }
  double seconds() const { return spent; }

private:
  void limit(std::chrono::milliseconds time);

  z3::solver solver;
  Deadline deadline;
  z3::expr_vector facts;
  std::vector<unsigned> scopes;         ///< how many facts there were at each push()
  std::chrono::milliseconds limited{0}; ///< what the solver was told
  unsigned queries = 0;
  double spent = 0;
};

} // namespace iptlint::smt
