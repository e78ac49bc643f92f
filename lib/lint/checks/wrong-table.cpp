// Matches and targets in a table that the kernel does not take them in.
//
// Chains that nothing leads to are no exception. What the hooks forbid is wrong-hook's.
#include "lint/Check.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

/// "mangle", "raw or mangle".
static std::string listed(llvm::StringRef tables) {
  llvm::SmallVector<llvm::StringRef, 5> names;
  tables.split(names, ' ');
  return fmt::format("{}", fmt::join(names.begin(), names.end(), " or "));
}

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    llvm::StringRef table = rule.table.table->name;
    for (const ir::Demand &demand : rule.rule().demands) {
      bool asked = !(demand.anyTableOnNft && facts.backEnd == ir::BackEnd::Nft);
      if (asked && !demand.fitsTable(table))
        report.add(
            rule, demand.at,
            fmt::format("{} may not stand in the table {}, only in {}", demand.what, table, listed(demand.tables)));
    }
  });
}

extern constinit const Check wrong_table = {
    .id = "wrong-table",
    .summary = "a match or target in a table that the kernel does not take it in",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
