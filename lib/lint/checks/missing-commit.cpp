// A table without a COMMIT, of which iptables-restore loads nothing.
#include "lint/Check.h"

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) { report.passOn(facts.parserFindings); }

extern constinit const Check missing_commit = {
    .id = "missing-commit",
    .summary = "a table without COMMIT, of which nothing is loaded",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
