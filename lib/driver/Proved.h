// A rule set after passes, with the proof that its text decides every packet as before.
#pragma once

#include "parse/Parse.h"
#include "pass/Pipeline.h"
#include "smt/Equivalent.h"

namespace iptlint::driver {

/// A built-in chain that no proof was found for: it is as it was, with all that it reaches.
struct LeftAlone {
  size_t ruleset; ///< its number: a text may hold both families
  std::string table, chain, why;
};

struct Proved {
  std::vector<ir::Ruleset> rulesets; ///< what the passes left, as far as it is proved
  std::string text;                  ///< as it would be written
  smt::Comparison proof;             ///< of the whole text; queries and seconds of every attempt
  std::vector<LeftAlone> leftAlone;
  pass::Record record; ///< of all that passes did, also where that has been put back
  /// Where the proof is of a difference: what was read back from the text, and whose rule sets differ.
  std::vector<ir::Ruleset> readBack;
  size_t differing = 0;
};

/// Runs \p program on every rule set, prints the result under a heading, reads the text back and proves it
/// equal to \p original. Chains without a proof are put back and the whole is proved again, so that the answer is
/// Unknown only if putting back does not help. \param takers   whether the record is to say who takes the packets of
/// dead rules. \param reading  how the text is to be read back: with the sets that \p original was read with.
Proved runAndProve(const std::vector<ir::Ruleset> &original, const pass::Program &program, bool takers,
                   const parse::RulesOptions &reading, std::chrono::milliseconds timeout);

} // namespace iptlint::driver
