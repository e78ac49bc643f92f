// What packets have become on their way down one chain, as a term, rule by rule.
//
// A rule sees only packets that meet its tests, so what an earlier rule did to packets that cannot meet them
// is left out of the state that it sees. The state is the same for the packets it is asked about, and a chain that a
// thousand rules call, each for its own address, is entered in one state instead of a thousand.
#pragma once

#include "ir/Ruleset.h"
#include "smt/Unknowns.h"

namespace iptlint::smt {

/// The first \p count tests of a rule: a packet comes further only if it meets them.
struct Tests {
  llvm::ArrayRef<ir::Test> tests;
  Tests(const ir::Rule &rule, size_t count) : tests(llvm::makeArrayRef(rule.tests).take_front(count)) {}
  explicit Tests(const ir::Rule &rule) : Tests(rule, rule.tests.size()) {}
};

class Course {
public:
  /// \param entry  the state in which packets enter the chain.
  Course(Terms &terms, const Unknowns &unknowns, State entry);

  /// Of all packets that come so far.
  const State &ofAll() const { return all; }
  /// Of those that come so far and meet \p tests: for them it is the same as ofAll().
  State of(Tests tests) const;

  /// Of packets for which \p met holds, all of which meet \p tests, this becomes \p then.
  void change(Tests tests, const z3::expr &met, const State &then);

private:
  struct Change {
    Tests tests;
    z3::expr met;
    State then;
  };
  bool cannotBothBeMet(Tests left, Tests right) const;
  void nameFields(State &state) const;

  Terms &terms;
  const Unknowns &unknowns;
  State entry, all;
  std::vector<Change> changes;
};

} // namespace iptlint::smt
