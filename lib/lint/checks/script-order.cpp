// Commands that fail where they stand.
//
// The reader carries commands out in their order and notices what iptables would refuse: a rule to delete that is not
// there, a chain that is made only later.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check script_order = {
    .id = "script-order",
    .summary = "commands that fail where they stand: a -D that deletes nothing, a chain made too late",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
