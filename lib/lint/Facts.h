// What the checks are told: a rule set and what analysis found out about it.
//
// Facts are gathered once per rule set; a check reads them and computes nothing of its own that
// another check needs too. Tables that a later one of the same file replaces are not here.
#pragma once

#include "analysis/Machine.h"
#include "ir/BackEnd.h"
#include "ir/Sets.h"
#include "lint/Settings.h"
#include "lint/Suppression.h"
#include "support/Diagnostic.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace iptlint::ir {
struct Network; // ir/Network.h
}

namespace iptlint::lint {

/// What is known of one table.
struct TableFacts {
  const ir::Table *table = nullptr;
  analysis::CallGraph graph;
  analysis::TableReach reach;
};

/// What is known of one rule set.
struct Facts {
  const ir::Ruleset *ruleset = nullptr;
  ir::BackEnd backEnd = ir::BackEnd::Legacy; ///< they differ in what they refuse
  std::vector<TableFacts> tables;
  bool perTable = false; ///< nothing is to be concluded from several tables together
  /// Rules that are live in their table and dead because of others; TableRule::table is an index into `tables`.
  std::vector<analysis::DeadInMachine> deadInMachine;
  /// What the parser found, for the checks `syntax` and `line-endings` to pass on. Of a text with rules of
  /// both families the first rule set has them all.
  llvm::ArrayRef<support::Diagnostic> parserFindings;
  /// The rule sets of the same machine, this one among them: those of one text, and with `--together` of all.
  std::vector<const Facts *> machine;
  const ir::Sets *sets = nullptr; ///< what `--sets` gives; null: nothing
  const ir::Network *network = nullptr; ///< what surrounds the rules; null: nothing is known of it
  /// For `unused-suppression`: what is left once all other checks have run.
  std::vector<UnusedSuppression> unusedSuppressions;
  Settings settings; ///< what the configuration says
};

/// One rule with what is known of it.
struct RuleFacts {
  const TableFacts &table;
  ir::RuleId id;

  const ir::Chain &chain() const { return table.table->chains[id.chain]; }
  const ir::Rule &rule() const { return chain().rules[id.rule]; }
  const analysis::RuleReach &reach() const { return table.reach[id]; }
  bool dead() const { return reach().status == analysis::Status::Dead; }
  bool deadBecause(analysis::DeadBecause why) const { return dead() && reach().because == why; }
  bool deadWith(analysis::Agreement agreement) const {
    return deadBecause(analysis::DeadBecause::Taken) && reach().agreement == agreement;
  }
  /// Whether packets are known to enter the rule's chain at all: not where no hook leads to it.
  bool inUsedChain() const { return table.graph.reachedFromHook[id.chain]; }
};

/// Calls \p visit for every rule, in order.
template <typename Visitor> void eachRule(const Facts &facts, Visitor visit) {
  for (const TableFacts &table : facts.tables)
    for (uint32_t c = 0; c != table.table->chains.size(); ++c)
      for (uint32_t r = 0; r != table.table->chains[c].rules.size(); ++r)
        visit(RuleFacts{table, {c, r}});
}

struct GatherOptions {
  ir::BackEnd backEnd = ir::BackEnd::Legacy; ///< they differ in what they refuse
  uint64_t budget = analysis::ReachOptions().budget; ///< steps of search per rule
  bool witnesses = false;                            ///< whether to find a packet for each live rule
  bool perTable = false;                             ///< whether to look at each table by itself only
  bool everyTaker = false;                           ///< whether to name every rule that takes some packet of a dead one
  analysis::Extras extras;                           ///< what the checks need that is not found out otherwise
};

/// Runs the analyses over every table of \p ruleset, which must outlive the result.
Facts gatherFacts(const ir::Ruleset &ruleset, const GatherOptions &options);

} // namespace iptlint::lint
