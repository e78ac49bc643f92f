// A small packet among those that show a difference.
//
// Field by field, the plainest value that still shows it, under a small clock: a person is to read the packet
// at night. What is found is never taken on trust: each step is a question to the solver.
#pragma once

#include "smt/Asking.h"
#include "smt/Unknowns.h"

namespace iptlint::smt {

/// Values of each field at which some range test of the rules begins or ends to hold, sorted.
using Bounds = std::array<std::vector<Value>, packet::kFieldCount>;
void collectBounds(const ir::Table &table, Bounds &bounds);

/// Starting from the model behind the last answer to a question with \p assumptions, a model of the same
/// with a smaller packet.
z3::model shrink(Asking &asking, std::vector<z3::expr> assumptions, Terms &terms, Unknowns &unknowns,
                 const Bounds &bounds);

} // namespace iptlint::smt
