// Makes user chains one that have the same rules.
//
// Before: jumps are bound to chains, and no jumps lead round in a circle to a chain that is folded.
// After:  no two user chains have the same rules, word by word, where jumps to chains that were folded count as the
//         same; the first in the text stands for all, and the counters of its rules are the sums. These stay apart:
//         chains that a program makes, or that rules of a program lead to; empty ones, which are there to be filled;
//         and chains with a rule that keeps state, does what is not modelled or could not be read: each has a state of
//         its own. Runs only with --chains=rewrite.
//
// For example, the second chain goes, and what led there leads to the first:
//     -A from-lan -p tcp -m tcp --dport 22 -j ACCEPT
//     -A from-vpn -p tcp -m tcp --dport 22 -j ACCEPT
#include "analysis/Agents.h"
#include "analysis/CallGraph.h"
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace iptlint::pass::passes {

/// A rule as it is compared: its words, the chain it leads to by number.
using Text = std::pair<std::vector<llvm::StringRef>, uint32_t>;

static bool keepsState(const ir::Rule &rule) {
  auto isStateful = [](const ir::Test &test) {
    auto *opaque = std::get_if<ir::OpaqueTest>(&test);
    return opaque && opaque->opacity == ir::Opacity::Stateful;
  };
  return rule.broken || rule.target.kind == ir::TargetKind::Opaque || rule.target.name == "RATEEST" ||
         llvm::any_of(rule.tests, isStateful);
}

static bool mayFold(const ir::Table &table, const ir::Chain &chain) {
  return !chain.hook && chain.declared && !chain.rules.empty() && !analysis::isMadeByAgent(table, chain.name) &&
         llvm::none_of(chain.rules, keepsState);
}

/// The word of a rule that names the chain it leads to.
static llvm::StringRef *chainWord(ir::Rule &rule) {
  for (size_t i = 1; i < rule.words.size(); ++i) {
    llvm::StringRef option = rule.words[i - 1];
    bool leads = option == "-j" || option == "-g" || option == "--jump" || option == "--goto";
    if (leads && rule.words[i] == rule.target.name)
      return &rule.words[i];
  }
  return nullptr;
}

/// \param standsFor  by chain: the one that stands for it.
static std::vector<Text> textOf(const ir::Chain &chain, const std::vector<uint32_t> &standsFor) {
  std::vector<Text> text;
  for (ir::Rule rule : chain.rules) {
    llvm::StringRef *word = leadsToChain(rule.target) ? chainWord(rule) : nullptr;
    if (word)
      *word = "";
    text.emplace_back(rule.words, word ? standsFor[rule.target.chain] : ir::kNoChain);
  }
  return text;
}

/// Whether every jump to the chain can be written to another, and is nobody's who may look for it.
static bool isNamedPlainly(ir::Table &table, const analysis::CallGraph &graph, uint32_t chain) {
  return llvm::all_of(graph.callers[chain], [&](const analysis::CallGraph::Site &site) {
    return chainWord(table.chains[site.rule.chain].rules[site.rule.rule]) &&
           analysis::agentOfRule(table, site.rule).empty();
  });
}

/// By chain: the one that stands for it, mostly itself. What is called is looked at before what calls it.
static std::vector<uint32_t> representatives(ir::Table &table, const analysis::CallGraph &graph) {
  std::vector<uint32_t> standsFor(table.chains.size());
  for (uint32_t chain = 0; chain != standsFor.size(); ++chain)
    standsFor[chain] = chain;
  std::map<std::vector<Text>, std::vector<uint32_t>> alike;
  for (uint32_t chain : llvm::reverse(graph.callersFirst)) {
    if (!mayFold(table, table.chains[chain]))
      continue;
    std::vector<uint32_t> &same = alike[textOf(table.chains[chain], standsFor)];
    same.push_back(chain);
    uint32_t first = *std::min_element(same.begin(), same.end());
    for (uint32_t each : same)
      standsFor[each] = isNamedPlainly(table, graph, each) ? first : each;
  }
  return standsFor;
}

static void addCounters(ir::Chain &to, const ir::Chain &from) {
  for (size_t i = 0; i != to.rules.size(); ++i) {
    std::optional<ir::Counters> &sum = to.rules[i].counters;
    const std::optional<ir::Counters> &more = from.rules[i].counters;
    sum = sum && more ? std::optional(ir::Counters{sum->packets + more->packets, sum->bytes + more->bytes})
                      : std::nullopt;
  }
}

/// Lets what led to \p chain lead to \p into.
static void redirect(ir::Table &table, const analysis::CallGraph &graph, uint32_t chain, uint32_t into,
                     Record &record) {
  Change change{
      Did::Fold, table.name, table.chains[chain].name, placesOf(table.chains[chain]), {}, table.chains[into].name};
  for (const analysis::CallGraph::Site &site : graph.callers[chain]) {
    ir::Rule &rule = table.chains[site.rule.chain].rules[site.rule.rule];
    *chainWord(rule) = table.chains[into].name;
    rule.target.name = table.chains[into].name;
    rule.target.chain = into;
    change.rules.push_back(rule.at);
  }
  record.changes.push_back(std::move(change));
}

static ir::Table folded(ir::Table table, Record &record) {
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  std::vector<uint32_t> standsFor = representatives(table, graph);
  std::vector<bool> goes(standsFor.size());
  for (uint32_t chain = 0; chain != standsFor.size(); ++chain) {
    if (standsFor[chain] == chain)
      continue;
    goes[chain] = true;
    addCounters(table.chains[standsFor[chain]], table.chains[chain]);
    redirect(table, graph, chain, standsFor[chain], record);
  }
  return withoutChains(std::move(table), goes);
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    if (!isLeftAlone(table) && !hasBrokenRule(table))
      table = folded(std::move(table), record);
  return out;
}

extern constinit const Pass fold_chains = {
    .id = "fold-chains",
    .summary = "make user chains one that have the same rules",
    .run = run,
};

} // namespace iptlint::pass::passes
