// Options whose meaning is not known here, once for each.
//
// A rule with such an option counts as one that may match or not, and a target like that may do anything, so
// some rules that no packet reaches go unnoticed. Nothing is wrong with the rules.
#include "lint/Check.h"
#include "lint/Unmodelled.h"
#include "lint/Words.h"

namespace iptlint::lint::checks {

static std::string howItCounts(const Unmodelled &option) {
  llvm::StringRef what = llvm::StringRef(option.option).startswith("-j") ? "doing anything" : "matching or not";
  return count(option.rules, "rule") + (option.rules == 1 ? " counts as " : " count as ") + what.str();
}

static void run(const Facts &facts, Reporter &report) {
  for (const Unmodelled &option : unmodelledOptions(*facts.ruleset)) {
    // Other names than those of options say by themselves what is unknown.
    bool isOption = llvm::StringRef(option.option).startswith("-");
    report.add(option.first, option.option + (isOption ? " is not modelled: " : ": ") + howItCounts(option));
  }
}

extern constinit const Check unmodelled_option = {
    .id = "unmodelled-option",
    .summary = "an option whose meaning is not known here, once for each",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
