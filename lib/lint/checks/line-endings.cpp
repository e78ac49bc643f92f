// Lines that end the way DOS ends them.
//
// The rules are read all the same; iptables-restore refuses them, with a message about something else.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check line_endings = {
    .id = "line-endings",
    .summary = "lines that end in CR LF, which iptables-restore refuses",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
