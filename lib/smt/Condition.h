// Tests of rules as formulas.
//
// Written from the IR's definition of each test and from nothing that analysis or eval do with them.
// Prefixes become equalities of extracts, which the solver likes better than two comparisons.
#pragma once

#include "ir/Ruleset.h"
#include "smt/Terms.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace iptlint::smt {

/// The packet's value of a field where the test stands.
using Values = llvm::function_ref<z3::expr(Field)>;

z3::expr holds(const ir::RangeTest &test, Terms &terms, Values values);
z3::expr holds(const ir::MaskTest &test, Terms &terms, Values values);
z3::expr holds(const ir::UnionTest &test, Terms &terms, Values values);

} // namespace iptlint::smt
