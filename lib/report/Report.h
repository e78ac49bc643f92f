// What a run of the checks has to tell, for the printers to print.
#pragma once

#include "ir/Ruleset.h"
#include "support/Diagnostic.h"

namespace iptlint::report {

struct UnmodelledOption {
  std::string option; ///< "-m string"
  unsigned rules = 0;
};

/// The rules of one family in one file.
struct RulesetSummary {
  packet::Family family = packet::Family::IPv4;
  ir::Form form = ir::Form::Save;
  std::vector<std::string> tables; ///< their names; one that a later one replaces is not counted
  size_t chains = 0, rules = 0;
  size_t undecided = 0; ///< rules neither live nor dead for certain
  std::vector<UnmodelledOption> unmodelled;
};

/// One file and what was found in it.
struct FileReport {
  std::shared_ptr<const support::Source> source;
  std::vector<RulesetSummary> rulesets;
  std::vector<support::Diagnostic> findings; ///< in the order they are to be printed
  unsigned suppressed = 0;
};

struct Totals {
  unsigned errors = 0, warnings = 0, infos = 0, suppressed = 0;
  size_t rules = 0, undecided = 0;
};

Totals totalsOf(const std::vector<FileReport> &files);

} // namespace iptlint::report
