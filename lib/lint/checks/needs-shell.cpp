// What a script leaves to the machine that it runs on.
//
// The reader follows scripts as far as their own text says what happens; where it ends, rules are kept as ones that
// may be there or not.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check needs_shell = {
    .id = "needs-shell",
    .summary = "what a script does that only a shell on the machine knows",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
