// Matches and targets without what the kernel demands beside them in the same rule, such as a protocol.
//
// iptables-restore --test takes such rules; the load then fails.
#include "lint/Check.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    for (const ir::Demand &demand : rule.rule().demands)
      if (!demand.missing.empty())
        report.add(rule, demand.at, fmt::format("{} needs {} in the same rule", demand.what, demand.missing));
  });
}

extern constinit const Check missing_match = {
    .id = "missing-match",
    .summary = "a match or target without what the kernel demands beside it",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
