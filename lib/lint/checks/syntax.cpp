// What the reader could not read, or had to guess.
//
// The reader finds these itself; here they become findings like any other, so that they can be
// listed, explained and suppressed. What was read of a broken line is used as a rule that may do anything.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check syntax = {
    .id = "syntax",
    .summary = "text that is no rule the kernel would load",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
