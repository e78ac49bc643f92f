// Removes live rules without which nothing changes.
//
// Before: dead rules are gone (drop-unreached); those that stay are counted as there.
// After:  without any one of the rules that stay some packet fares otherwise, as far as a look at each chain by
//         itself shows. These stay all the same: rules without a target; rules that a program wrote (Docker,
//         fail2ban...), which it will look for by their words, and the RETURN that it puts into a chain for the user to
//         fill; rules that a comment takes out of lint's redundant-rule; the one rule that makes the kernel track
//         connections. Packets of a rule that goes are counted from then on by the one that does the same.
//
// Of rules that are each other's reason only one may go, so rules go in rounds: those that have no packet in common go
// at once, and the rest is looked at again.
//
// For example, the first rule goes, and with policy DROP so does the last:
//     -A INPUT -s 10.1.2.3/32 -j ACCEPT
//     -A INPUT -s 10.0.0.0/8 -j ACCEPT
//     -A INPUT -s 11.0.0.0/8 -j DROP
#include "analysis/Agents.h"
#include "analysis/Reach.h"
#include "pass/Pass.h"
#include "pass/Removal.h"

namespace iptlint::pass::passes {

static bool mayGo(const ir::Table &table, ir::RuleId id) {
  const ir::Rule &rule = table.chains[id.chain].rules[id.rule];
  return rule.target.kind != ir::TargetKind::None && !rule.comment.startswith("iptlint: disable=") &&
         analysis::agentOfRule(table, id).empty() && !analysis::isPlaceholder(table, id);
}

static std::vector<ir::RuleId> redundantTogether(const ir::Table &table, packet::Family family,
                                                 analysis::TableReach &reach) {
  analysis::ReachOptions options;
  options.defragmented = analysis::usesConntrack(table);
  options.onlyRedundancy = true;
  options.mayGo = [&](ir::RuleId id) { return mayGo(table, id); };
  reach = computeReach(table, family, analysis::buildCallGraph(table), options);
  return reach.together;
}

static void tell(const ir::Table &table, ir::RuleId id, const analysis::RuleReach &reach, Record &record) {
  const ir::Chain &chain = table.chains[id.chain];
  Change change{Did::DropRedundant, table.name, chain.name, {chain.rules[id.rule].at}};
  if (reach.madeRedundantBy)
    change.because.push_back(chain.rules[reach.madeRedundantBy->rule].at);
  record.changes.push_back(std::move(change));
}

/// One round. \returns whether anything went.
static bool dropRound(ir::Table &table, packet::Family family, Record &record) {
  analysis::TableReach reach;
  Going going = noneGoing(table);
  for (ir::RuleId id : redundantTogether(table, family, reach))
    going[id.chain][id.rule] = true;
  keepTracking(table, going);
  bool any = false;
  for (uint32_t chain = 0; chain != going.size(); ++chain)
    for (uint32_t rule = 0; rule != going[chain].size(); ++rule)
      if (going[chain][rule]) {
        tell(table, {chain, rule}, reach[{chain, rule}], record);
        any = true;
      }
  table = without(std::move(table), going);
  return any;
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    while (!isLeftAlone(table) && dropRound(table, in.family, record))
      ;
  return out;
}

extern constinit const Pass drop_redundant = {
    .id = "drop-redundant",
    .summary = "remove live rules without which nothing changes",
    .run = run,
};

} // namespace iptlint::pass::passes
