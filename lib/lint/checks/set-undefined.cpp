// A rule that asks about a set that there is not, or not about packets of its family.
//
// iptables refuses such a rule. What sets there are is known where `--sets` says it, so the parser finds this. A
// set with more parts than the rule has directions is loaded all the same, and matches nothing.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check set_undefined = {
    .id = "set-undefined",
    .summary = "a set that --sets does not define, or that the rule cannot ask about",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
