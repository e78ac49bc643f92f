// A jump to a chain that does not exist, and rules of a chain that nothing declares.
//
// iptables-restore refuses both. In a text without any chain line, which is made to be added to rules
// that are loaded already, the chain may well exist there, and a listing may show some chains only: then it
// is said, and no more.
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using support::Severity;

/// Whether a fragment, though it declares nothing, has rules of this chain.
static bool isFilledHere(const ir::Table &table, llvm::StringRef name) {
  return llvm::any_of(table.chains, [&](const ir::Chain &chain) { return chain.name == name && !chain.hook; });
}

/// \p partial  the table may have chains that are not here.
static void reportJumps(const TableFacts &table, bool partial, Reporter &report) {
  for (ir::RuleId id : table.graph.undefined) {
    RuleFacts rule{table, id};
    llvm::StringRef name = rule.rule().target.name, meant = rule.rule().target.meant;
    std::string hint = meant.empty() ? "" : "; did you mean " + meant.str() + "?";
    if (!partial)
      report.add(rule, "there is no chain " + name + hint);
    else if (!isFilledHere(*table.table, name))
      report.add(rule, "chain " + name + " is not shown here" + hint).severity(Severity::Info);
  }
}

static void reportUndeclared(const TableFacts &table, Reporter &report) {
  if (table.table->fragment)
    return;
  for (const ir::Chain &chain : table.table->chains)
    if (!chain.declared && !chain.hook)
      report.add(table, chain, "chain " + chain.name + " has rules but no :" + chain.name + " line declares it");
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables) {
    reportJumps(table, table.table->fragment || facts.ruleset->form == ir::Form::L, report);
    reportUndeclared(table, report);
  }
}

extern constinit const Check undefined_chain = {
    .id = "undefined-chain",
    .summary = "a jump to a chain that does not exist",
    .severity = Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
