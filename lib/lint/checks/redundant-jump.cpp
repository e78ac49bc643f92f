// A jump that changes nothing: no rule behind it decides or does anything for the packets that come by it.
//
// All of them RETURN, or ask for other packets than these. Where the chain's rules get no packets at all, they are what
// is wrong, and other checks report them. A chain that is empty, or that a program fills when it needs to, is as it
// should be; empty-chain reports what is not.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

namespace {

/// The chains that a jump leads to, as far as they say whether it was meant to lead to nothing.
struct Behind {
  bool placeholder = false;   ///< one of them is empty, not all there, or an agent's
  bool anyAct = false;        ///< some rule does more than send packets on
  bool anyGetPackets = false; ///< some of these gets packets
};

} // namespace

static bool sendsOnOnly(const ir::Rule &rule) {
  ir::TargetKind kind = rule.target.kind;
  bool leadsOn = kind == ir::TargetKind::Jump || kind == ir::TargetKind::Goto;
  return kind == ir::TargetKind::Return || (leadsOn && rule.target.chain != ir::kNoChain);
}

static void look(const TableFacts &table, uint32_t id, Behind &behind) {
  const ir::Chain &chain = table.table->chains[id];
  behind.placeholder |= chain.rules.empty() || !chain.declared || isMadeByAgent(*table.table, chain.name);
  for (uint32_t r = 0; r != chain.rules.size(); ++r)
    if (!sendsOnOnly(chain.rules[r])) {
      behind.anyAct = true;
      behind.anyGetPackets |= !RuleFacts{table, {id, r}}.dead();
    }
}

static Behind lookBehind(const TableFacts &table, uint32_t first) {
  Behind behind;
  std::vector<uint32_t> chains = {first};
  std::vector<bool> seen(table.table->chains.size());
  seen[first] = true;
  for (size_t i = 0; i != chains.size(); ++i) {
    look(table, chains[i], behind);
    for (const analysis::CallGraph::Site &site : table.graph.callees[chains[i]])
      if (!seen[site.target]) {
        seen[site.target] = true;
        chains.push_back(site.target);
      }
  }
  return behind;
}

static void run(const Facts &facts, Reporter &report) {
  eachRule(facts, [&](const RuleFacts &rule) {
    if (!rule.reach().leadsToNothing || rule.table.table->fragment || !agentOfRule(rule).empty())
      return;
    uint32_t target = rule.rule().target.chain;
    Behind behind = lookBehind(rule.table, target);
    if (behind.placeholder || (behind.anyAct && !behind.anyGetPackets))
      return;
    const ir::Chain &chain = rule.table.table->chains[target];
    report
        .add(rule, "without this " + wordsFor(rule.rule()) + " nothing would change: no rule there " +
                       (behind.anyAct ? "is for packets that come by it" : "does anything but send packets back"))
        .removing(rule.rule())
        .note(rule.table, chain, "the chain " + chain.name + " is declared here");
  });
}

extern constinit const Check redundant_jump = {
    .id = "redundant-jump",
    .summary = "a jump to a chain that does nothing with the packets that come by it",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
