// The solver with a clock and a count: every question that is asked of it goes through here.
#pragma once

#include "smt/Terms.h"
#include "llvm/ADT/ArrayRef.h"
#include <chrono>

namespace iptlint::smt {

class Asking {
public:
  using Clock = std::chrono::steady_clock;

  /// \param bitVectorsOnly  no uninterpreted function occurs: a faster solver will do.
  Asking(z3::context &context, bool bitVectorsOnly, std::chrono::milliseconds budget);

  void add(const z3::expr &fact) { solver.add(fact); }

  /// Whether all facts and \p assumptions can hold at once. z3::unknown where the time is over, or earlier
  /// where \p atMost is.
  z3::check_result ask(llvm::ArrayRef<z3::expr> assumptions,
                       std::chrono::milliseconds atMost = std::chrono::milliseconds::max());

  /// The model behind the last answer that was z3::sat.
  z3::model model() const { return solver.get_model(); }
  /// Why the last answer was z3::unknown.
  std::string whyUnknown() const;

  unsigned asked() const { return queries; }
  double seconds() const { return spent; }

private:
  z3::solver solver;
  std::chrono::milliseconds budget;
  unsigned queries = 0;
  double spent = 0;
};

} // namespace iptlint::smt
