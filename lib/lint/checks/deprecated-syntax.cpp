// Options as old versions of iptables took them.
//
// They are understood as they were meant; the iptables of today refuses them.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check deprecated_syntax = {
    .id = "deprecated-syntax",
    .summary = "options as only old versions of iptables take them",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
