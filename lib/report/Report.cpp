#include "report/Report.h"

namespace iptlint::report {

using support::Severity;

Totals totalsOf(const std::vector<FileReport> &files) {
  Totals totals;
  for (const FileReport &file : files) {
    totals.suppressed += file.suppressed;
    for (const support::Diagnostic &finding : file.findings)
      ++(finding.severity == Severity::Error ? totals.errors : finding.severity == Severity::Warning ? totals.warnings : totals.infos);
    for (const RulesetSummary &ruleset : file.rulesets) {
      totals.rules += ruleset.rules;
      totals.undecided += ruleset.undecided;
    }
  }
  return totals;
}

} // namespace iptlint::report
