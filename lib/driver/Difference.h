// A difference that the solver found, walked again by eval before anyone is told of it.
#pragma once

#include "eval/Eval.h"
#include "smt/Equivalent.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// What both sides do with the packet of a difference, as eval has it.
struct Difference {
  eval::Outcome before, after;
};

/// Walks the packet of \p comparison through both rule sets.
/// \returns nothing where eval sees no difference, or needs an answer that the proof does not presume: then
///          the solver and eval disagree, and nobody is to be told that the rule sets differ.
std::optional<Difference> confirm(const ir::Ruleset &before, const ir::Ruleset &after,
                                  const smt::Comparison &comparison);

/// The packet in iptables words and what is presumed of conditions that are not modelled, one line each, indented.
void printPacket(const smt::Comparison &comparison, llvm::raw_ostream &out);

/// "LOG --log-prefix x, then DROP by rule 3 of INPUT (line 12)".
std::string decisionText(const eval::Outcome &outcome, const ir::Ruleset &ruleset, const smt::Comparison &comparison);

} // namespace iptlint::driver
