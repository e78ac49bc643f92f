// A rule with exceptions before it: rules whose packets it would match and decide otherwise.
//
// That is how exceptions are written, and nothing is wrong with it. It is worth knowing to whoever reorders the chain:
// behind the wider rule an exception gets nothing. A rule that is as wide as what comes to its chain has exceptions
// only; it is not reported.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

static constexpr size_t kMostNotes = 3;

static void reportGeneral(const TableFacts &table, const analysis::General &general, Reporter &report) {
  RuleFacts rule{table, general.rule};
  auto isUsers = [&](ir::RuleId id) { return agentOfRule({table, id}).empty(); };
  std::vector<ir::RuleId> exceptions;
  llvm::copy_if(general.exceptions, std::back_inserter(exceptions), isUsers);
  if (exceptions.empty() || !isUsers(general.rule))
    return;
  Finding finding = report.add(rule, fmt::format("this {} has {} before it, which only the order keeps",
                                                 wordsFor(rule.rule()), count(exceptions.size(), "exception")));
  for (ir::RuleId id : llvm::makeArrayRef(exceptions).take_front(kMostNotes)) {
    RuleFacts exception{table, id};
    finding.note(exception, "behind it this " + wordsFor(exception.rule()) + " would get no packets");
  }
  if (exceptions.size() > kMostNotes)
    finding.append(fmt::format("; the first {} are named", kMostNotes));
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (const analysis::General &general : table.reach.generals)
      reportGeneral(table, general, report);
}

extern constinit const Check generalized_rule = {
    .id = "generalized-rule",
    .summary = "a rule with exceptions before it that only the order keeps",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
    .needs = &analysis::Extras::exceptions,
};

} // namespace iptlint::lint::checks
