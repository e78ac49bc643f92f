// Puts the rules of a chain that one jump leads to in place of that jump, where no packet pays for it.
//
// Before: jumps are bound to chains.
// After:  no user chain is left that only one jump leads to and whose rules cost no packet more in place of it. What
//         a packet pays is 4 ns for each rule that it visits and 30 ns for each chain that it enters. So it
//         is the chain's rules that move if the jump has no condition (each packet spares the jump), or one rule with
//         the jump's condition in front of its own: with two rules, packets that do not meet the
//         jump's condition would pay for one more. These stay: chains that a program makes; empty ones; chains with
//         RETURN or goto, which mean another thing in another chain; rules that keep state, could not be read or are
//         not modelled; a jump with a comment, which would be lost; conditions that cannot stand in one rule. Runs only
//         with --chains=rewrite.
//
// For example, these become -A INPUT -i eth1 -p tcp -m tcp --dport 22 -j ACCEPT:
//     -A INPUT -i eth1 -j from-lan
//     -A from-lan -p tcp -m tcp --dport 22 -j ACCEPT
#include "analysis/Agents.h"
#include "analysis/CallGraph.h"
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass::passes {

using llvm::StringRef;
using Words = std::vector<StringRef>;

/// Means the same wherever it stands, and keeps nothing in mind.
static bool mayMove(const ir::Rule &rule) {
  auto isOpaque = [](const ir::Test &test) {
    auto *opaque = std::get_if<ir::OpaqueTest>(&test);
    return opaque && opaque->opacity == ir::Opacity::Stateful;
  };
  ir::TargetKind kind = rule.target.kind;
  return !rule.broken && kind != ir::TargetKind::Return && kind != ir::TargetKind::Goto &&
         kind != ir::TargetKind::Opaque && rule.target.name != "RATEEST" && llvm::none_of(rule.tests, isOpaque);
}

/// The words of a jump before its target; nothing where the target does not stand last.
static std::optional<Words> conditionOf(const ir::Rule &jump) {
  size_t count = jump.words.size();
  if (count < 2 || (jump.words[count - 2] != "-j" && jump.words[count - 2] != "--jump"))
    return std::nullopt;
  return Words(jump.words.begin(), jump.words.end() - 2);
}

/// What a rule can say only once.
static bool isSaidOnce(StringRef word) {
  static constexpr StringRef options[] = {"-s", "-d", "-p", "-i", "-o", "-f", "-4", "-6"};
  return llvm::is_contained(options, word);
}

/// Whether each option is one of iptables-save's, short where there is a short form.
static bool isWrittenPlainly(const Words &words) {
  static constexpr StringRef longs[] = {"--source",   "--src",   "--destination",  "--dst",
                                        "--protocol", "--proto", "--in-interface", "--out-interface",
                                        "--fragment", "--match", "--comment"};
  return llvm::none_of(words, [](StringRef word) { return llvm::is_contained(longs, word); });
}

/// A condition and the words of the rule behind it; nothing where both say what can be said only once. The same
/// protocol in both is said once.
static std::optional<Words> joined(Words condition, const Words &rule) {
  if (!isWrittenPlainly(condition))
    return std::nullopt;
  Words rest = rule;
  auto protocol = llvm::find(rest, "-p"), first = llvm::find(condition, "-p");
  bool both = protocol != rest.end() && first != condition.end();
  if (both && protocol[1] == first[1] && (protocol == rest.begin() || protocol[-1] != "!") &&
      (first == condition.begin() || first[-1] != "!"))
    rest.erase(protocol, protocol + 2);
  for (StringRef word : condition)
    if (isSaidOnce(word) && llvm::is_contained(rest, word))
      return std::nullopt;
  // -p has to stand before the matches that need it.
  if (llvm::is_contained(rest, "-p") && llvm::is_contained(condition, "-m")) {
    auto at = llvm::find(rest, "-p");
    bool negated = at != rest.begin() && at[-1] == "!";
    condition.insert(condition.begin(), at - negated, at + 2);
    rest.erase(at - negated, at + 2);
  }
  condition.insert(condition.end(), rest.begin(), rest.end());
  return condition;
}

/// The rules that stand in place of a jump; nothing where it is to stay.
static std::optional<std::vector<ir::Rule>> inlined(const ir::Rule &jump, const ir::Chain &chain) {
  std::optional<Words> condition = conditionOf(jump);
  bool spares = condition && !chain.rules.empty() && (condition->empty() || chain.rules.size() == 1);
  if (!spares || !mayMove(jump) || jump.target.kind != ir::TargetKind::Jump || !llvm::all_of(chain.rules, mayMove))
    return std::nullopt;
  std::vector<ir::Rule> rules;
  for (ir::Rule rule : chain.rules) {
    std::optional<Words> words = joined(*condition, rule.words);
    if (!words)
      return std::nullopt;
    rule.words = *words;
    rule.tests.insert(rule.tests.begin(), jump.tests.begin(), jump.tests.end());
    rule.at = jump.at;
    rule.insertNumber = std::nullopt;
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// Inlines one chain, where one can be. \returns false where none can.
static bool inlineOne(ir::Table &table, Record &record) {
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    const ir::Chain &chain = table.chains[c];
    if (chain.hook || !chain.declared || graph.callers[c].size() != 1 || graph.onCycleOrBehind[c] ||
        analysis::isMadeByAgent(table, chain.name))
      continue;
    ir::RuleId site = graph.callers[c].front().rule;
    std::vector<ir::Rule> &into = table.chains[site.chain].rules;
    auto rules = inlined(into[site.rule], chain);
    if (!rules || !analysis::agentOfRule(table, site).empty())
      continue;
    Change change{Did::Inline, table.name, chain.name, placesOf(chain), {}, table.chains[site.chain].name};
    change.rules.push_back(into[site.rule].at);
    record.changes.push_back(std::move(change));
    into.erase(into.begin() + site.rule);
    into.insert(into.begin() + site.rule, rules->begin(), rules->end());
    std::vector<bool> goes(table.chains.size());
    goes[c] = true;
    table = withoutChains(std::move(table), goes);
    return true;
  }
  return false;
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    while (!isLeftAlone(table) && !hasBrokenRule(table) && inlineOne(table, record))
      ;
  return out;
}

extern constinit const Pass inline_chains = {
    .id = "inline-chains",
    .summary = "put the rules of a chain that one jump leads to in place of that jump, where no packet pays for it",
    .run = run,
};

} // namespace iptlint::pass::passes
