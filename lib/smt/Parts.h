// The parts that terms are made of, and which definitions two sides have in common.
#pragma once

#include "smt/Terms.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseSet.h"

namespace iptlint::smt {

/// Calls visit(part) for every part of \p roots once, after its own parts. Terms nest as deep as chains are long, so
/// the stack is explicit.
template <typename Visit> void forEachPart(llvm::ArrayRef<z3::expr> roots, Visit visit) {
  llvm::DenseSet<unsigned> seen;
  std::vector<std::pair<z3::expr, unsigned>> open; // with the next part to go into
  for (const z3::expr &root : roots) {
    if (seen.insert(root.id()).second)
      open.emplace_back(root, 0);
    while (!open.empty()) {
      auto &[term, next] = open.back();
      if (next == term.num_args()) {
        z3::expr done = term;
        open.pop_back();
        visit(done);
      } else if (z3::expr part = term.arg(next++); seen.insert(part.id()).second) {
        open.emplace_back(part, 0);
      }
    }
  }
}

/// The definitions (Terms::definitions) on which \p left or \p right hangs but not both: without the others, a name
/// that stands in both may mean anything, which is less than is known.
std::vector<z3::expr> definitionsApart(const Terms &terms, llvm::ArrayRef<z3::expr> left,
                                       llvm::ArrayRef<z3::expr> right);

} // namespace iptlint::smt
