// Whether analysis says of a table what eval shows.
#pragma once

#include "Truth.h"
#include "analysis/Reach.h"

namespace iptlint::oracle {

/// What was compared, so that a run that compared little can be told from one that compared much.
struct Tally {
  uint64_t tables = 0, rules = 0, live = 0, broken = 0;
  uint64_t neverMatches = 0, unreachable = 0, notArriving = 0, taken = 0;
  uint64_t takers = 0, differs = 0, duplicates = 0, same = 0;
  uint64_t open = 0; ///< agreements that were not judged
  uint64_t effectWhenDead = 0;
  uint64_t calledRedundant = 0;  ///< live rules that analysis calls redundant
  uint64_t redundantSampled = 0; ///< live rules of the sample that truly are
  uint64_t jumpedTo = 0;         ///< rules left open since a rule that could not be read may lead to them
  uint64_t redundantMissed = 0;  ///< those among them that analysis does not call so
  Tally &operator+=(const Tally &other);
};

/// One line, for people.
std::string textOf(const Tally &tally);

/// A difference that was found, of one rule.
struct Complaint {
  ir::RuleId rule;
  std::string text;
};

/// How much is compared.
struct Effort {
  /// The universe stands for all packets. If not, its packets are samples: one that hits shows a rule live, and
  /// nothing shows one dead.
  bool exact = true;
  /// Explanations of dead rules, and whether live ones are redundant.
  bool explanations = true;
  /// With explanations, whether the dead rule's packets fare as it asks.
  bool agreement = true;
  /// Also counts live rules that are redundant without analysis saying so, which is no error.
  bool countMissed = false;
};

/// Runs analysis on the table and compares.
std::optional<Complaint> compare(const ir::Table &table, const Universe &universe, const Effort &effort, Tally &tally);

/// The table, the rule and what is wrong, for people.
std::string textOf(const ir::Table &table, const Complaint &complaint);

} // namespace iptlint::oracle
