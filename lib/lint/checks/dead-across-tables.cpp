// Rules that get packets in their own table, but not in the machine: an earlier table drops them, changes what the
// rule asks for, or nat is not asked about them.
//
// shadowed-rule and its like speak of one table; a rule that is dead there is theirs.
#include "lint/Agents.h"
#include "lint/DeadRule.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using analysis::DeadInMachine;
using analysis::TableRule;

static constexpr size_t kMostWriters = 3;

static std::string inTable(const Facts &facts, const DeadInMachine &dead, TableRule other) {
  if (other.table == dead.rule.table)
    return "";
  return " in table " + facts.tables[other.table].table->name.str();
}

static void noteRule(Finding &finding, const Facts &facts, const DeadInMachine &dead, TableRule other, llvm::StringRef what) {
  RuleFacts of{facts.tables[other.table], other.rule};
  finding.note(of, "this " + wordsFor(of.rule()) + inTable(facts, dead, other) + " " + what);
}

static void reportRule(const Facts &facts, const DeadInMachine &dead, Reporter &report) {
  RuleFacts rule{facts.tables[dead.rule.table], dead.rule.rule};
  Finding finding = report.add(rule, "no packet that this " + wordsFor(rule.rule()) + " asks for gets here through the tables before");
  if (llvm::StringRef agent = agentOfRule(rule); !agent.empty())
    finding.append("; " + agent + " writes this rule by itself").severity(support::Severity::Info);
  if (dead.skipsNat)
    finding.append("; nat is asked about the first packet of a flow only");
  for (TableRule taker : dead.takers)
    noteRule(finding, facts, dead, taker, "takes its packets first");
  if (dead.incomplete)
    finding.append("; too many rules take them to name all");
  for (TableRule writer : llvm::makeArrayRef(dead.writers).take_front(kMostWriters))
    noteRule(finding, facts, dead, writer, "changes such packets");
}

static void run(const Facts &facts, Reporter &report) {
  for (const DeadInMachine &dead : facts.deadInMachine)
    reportRule(facts, dead, report);
}

extern constinit const Check dead_across_tables = {
    .id = "dead-across-tables",
    .summary = "a rule that other tables leave no packets",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
