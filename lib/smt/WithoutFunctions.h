// Terms in which each use of an unknown function is a constant of its own.
//
// What is known of a function is that equal arguments have equal values. Of the constants the same is stated for uses
// that are likely to have equal arguments, and forgotten for others. So these are weaker facts: where they cannot be
// met, neither can those that they are made from; where they can, nothing is known. They are of bit-vectors alone, for
// which there is a faster solver.
#pragma once

#include "smt/Terms.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"

namespace iptlint::smt {

class WithoutFunctions {
public:
  /// \param terms  all that are going to be asked for.
  WithoutFunctions(z3::context &context, llvm::ArrayRef<z3::expr> terms);

  /// \p term, which is one of those or a part of one. Of an uninterpreted sort it becomes a number: there are as many
  /// numbers as terms of the sort that could differ, so equality means what it did.
  z3::expr of(const z3::expr &term) const;

  /// That equal arguments have equal values, for uses of one function on the same event.
  std::vector<z3::expr> congruences() const;

private:
  void visit(const z3::expr &term);
  z3::expr rebuilt(const z3::expr &term) const;
  z3::expr constantFor(const z3::expr &term);
  z3::expr congruent(const z3::expr &left, const z3::expr &right) const;

  z3::context &context;
  unsigned width = 0;                         ///< bits of the numbers that stand for an uninterpreted sort
  std::vector<z3::expr> uses;                 ///< of functions
  llvm::DenseMap<unsigned, unsigned> indices; ///< by the term's id, into `made`
  std::vector<z3::expr> originals;            ///< keep the ids in use
  z3::expr_vector made;
};

} // namespace iptlint::smt
