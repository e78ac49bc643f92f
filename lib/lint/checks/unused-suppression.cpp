// A suppression that nothing needed, or that names no check.
//
// Left in place it would hide the next finding on its line, which nobody has looked at.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  for (const UnusedSuppression &unused : facts.unusedSuppressions) {
    const Suppression &of = unused.suppression;
    if (unused.unknownCheck)
      report.add(of.at, "there is no check " + of.check + " to suppress");
    else
      report.add(of.at, "there is no " + of.check + " finding here to suppress");
  }
}

extern constinit const Check unused_suppression = {
    .id = "unused-suppression",
    .summary = "a suppressing comment that suppresses nothing",
    .severity = support::Severity::Warning,
    .run = run,
    .round = Round::AfterSuppressing,
};

} // namespace iptlint::lint::checks
