// A rule set after passes, with the proof that its text decides every packet as before.
#pragma once

#include "parse/Parse.h"
#include "pass/Pipeline.h"
#include "smt/Equivalent.h"
#include <functional>

namespace iptlint::driver {

/// A built-in chain that no proof was found for: it is as it was, with all that it reaches.
struct LeftAlone {
  size_t ruleset; ///< its number: a text may hold both families
  std::string table, chain, why;
  bool tidied = false; ///< it is not as it was, but as the passes left it before those that run once
  bool plain = false; ///< nor was there one for the chain as it was, so it is to be printed as plainly as can be
};

struct Proved {
  std::vector<ir::Ruleset> rulesets; ///< what the passes left, as far as it is proved
  std::string text;                  ///< as it would be written
  std::vector<ir::Set> sets;         ///< that the passes made and the rules ask about
  std::string setsText;              ///< as it would be written; empty: there are none
  smt::Comparison proof;             ///< of the whole text; queries and seconds of every attempt
  std::vector<LeftAlone> leftAlone;
  pass::Record record; ///< of all that passes did, also where that has been put back
  /// Where the proof is of a difference: what was read back from the text, and whose rule sets differ.
  std::vector<ir::Ruleset> readBack;
  size_t differing = 0;
  bool unwritable = false; ///< there is no text: what was asked for cannot say what the rules say
};

/// How rule sets become the text that is written, and how that is read back.
struct Output {
  /// The text for what is in Proved::rulesets; fails where it cannot be written, with the reason.
  std::function<llvm::Expected<std::string>(const Proved &)> print;
  parse::RulesOptions reading; ///< with the sets that the original was read with
  bool inOneForm = false;      ///< what is read back asks the same in other words and order: see Comparable.h
  /// The text for Proved::sets, which the rules are read back with; none: no pass makes sets.
  std::function<std::string(const Proved &)> printSets = nullptr;
};

/// As iptables-save writes them, under a heading for the text that \p original was read from.
Output asSaved(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading);

/// Runs \p program on every rule set, prints the result, reads the text back and proves it
/// equal to \p original. Chains without a proof are put back to what they were before the passes that run once, then to
/// what they were at first, then printed plainly, and each time the whole is proved again, so that the answer is Unknown
/// only if that does not help. \param takers   whether the record is to say who takes the
/// packets of dead rules.
Proved runAndProve(const std::vector<ir::Ruleset> &original, const pass::Program &program, bool takers,
                   const Output &output, const smt::Effort &effort);

} // namespace iptlint::driver
