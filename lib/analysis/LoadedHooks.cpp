#include "analysis/LoadedHooks.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

/// No match at all: one that is true of every packet, such as a comment, is a condition to the kernel.
static bool isUnconditional(const ir::Rule &rule) {
  return rule.tests.empty() && !rule.broken && llvm::none_of(rule.words, [](llvm::StringRef word) {
           return word.startswith("-m") || word.startswith("--m");
         });
}

static bool isStandardVerdict(const ir::Target &target) {
  using enum ir::TargetKind;
  return target.kind == Accept || target.kind == Drop || target.kind == Return ||
         (target.kind == Verdict && target.name == "QUEUE");
}

static uint32_t seenRules(const ir::Chain &chain, bool stops) {
  for (uint32_t r = 0; stops && r != chain.rules.size(); ++r)
    if (isStandardVerdict(chain.rules[r].target) && isUnconditional(chain.rules[r]))
      return r + 1;
  return uint32_t(chain.rules.size());
}

LoadedHooks findLoadedHooks(const ir::Table &table, const CallGraph &graph, bool stops) {
  LoadedHooks found{std::vector<uint8_t>(table.chains.size()), {}};
  std::vector<uint32_t> open;
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    found.seen.push_back(seenRules(table.chains[c], stops));
    if (!table.chains[c].hook)
      continue;
    found.hooks[c] = uint8_t(1u << unsigned(*table.chains[c].hook));
    open.push_back(c);
  }
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    for (const CallGraph::Site &site : graph.callees[chain]) {
      uint8_t both = found.hooks[site.target] | found.hooks[chain];
      if (site.rule.rule >= found.seen[chain] || both == found.hooks[site.target])
        continue;
      found.hooks[site.target] = both;
      open.push_back(site.target);
    }
  }
  return found;
}

} // namespace iptlint::analysis
