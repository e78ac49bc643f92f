// Matches, targets and options that the kernel refuses where packets come from: the built-in chain that they stand
// in, or one that leads there through user chains.
//
// Whether packets take that way does not matter to the kernel. Of a rule in a wrong table only wrong-table speaks.
#include "analysis/LoadedHooks.h"
#include "lint/Check.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::LoadedHooks;
using ir::DemandScope;

/// "INPUT", "INPUT or FORWARD".
static std::string listed(uint8_t hooks) {
  std::string names;
  for (unsigned hook = 0; hook != packet::kHookCount; ++hook)
    if (hooks >> hook & 1)
      names += (names.empty() ? "" : " or ") + packet::name(packet::Hook(hook)).str();
  return names;
}

/// The hooks that lead to a rule and that a demand forbids.
static uint8_t forbidden(const RuleFacts &rule, const ir::Demand &demand, const LoadedHooks &loaded, ir::BackEnd backEnd) {
  DemandScope scope = backEnd == ir::BackEnd::Nft ? demand.nft : demand.legacy;
  bool asked = scope == DemandScope::Directly ? rule.chain().hook.has_value() : scope == DemandScope::Through;
  bool seen = scope == DemandScope::Directly || rule.id.rule < loaded.seen[rule.id.chain];
  return demand.hooks != 0 && asked && seen ? loaded.hooks[rule.id.chain] & ~demand.hooks : 0;
}

/// The first jump on the way from a forbidden hook into the rule's chain.
static void noteCaller(const RuleFacts &rule, uint8_t hooks, const LoadedHooks &loaded, Finding finding) {
  if (rule.chain().hook)
    return;
  for (const analysis::CallGraph::Site &site : rule.table.graph.callers[rule.id.chain])
    if (loaded.hooks[site.rule.chain] & hooks && site.rule.rule < loaded.seen[site.rule.chain]) {
      finding.note(rule.table, site.rule, fmt::format("{} leads here", listed(loaded.hooks[site.rule.chain] & hooks)));
      return;
    }
}

static void checkTable(const TableFacts &table, ir::BackEnd backEnd, Reporter &report) {
  LoadedHooks loaded = findLoadedHooks(*table.table, table.graph, backEnd == ir::BackEnd::Legacy);
  for (uint32_t c = 0; c != table.table->chains.size(); ++c)
    for (uint32_t r = 0; r != table.table->chains[c].rules.size(); ++r) {
      RuleFacts rule{table, {c, r}};
      for (const ir::Demand &demand : rule.rule().demands)
        if (uint8_t hooks = forbidden(rule, demand, loaded, backEnd); hooks && demand.fitsTable(table.table->name))
          noteCaller(rule, hooks, loaded,
                     report.add(rule, demand.at,
                                fmt::format("{} may not be reached from {}, only from {}", demand.what, listed(hooks),
                                            listed(demand.hooks))));
    }
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    checkTable(table, facts.backEnd, report);
}

extern constinit const Check wrong_hook = {
    .id = "wrong-hook",
    .summary = "a match or target that the kernel does not take from a hook that leads to it",
    .severity = support::Severity::Error,
    .run = run,
};

} // namespace iptlint::lint::checks
