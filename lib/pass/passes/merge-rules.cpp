// Makes rules one that differ in one address or port.
//
// Before: dead and redundant rules are gone (drop-unreached, drop-redundant); any that stay are left alone.
// After:  of the rules of a chain that are alike but for one address or port, none are left that one prefix, one range
//         of addresses or one multiport (15 ports, a range counts two) could stand for in the place of the first of
//         them. Comments are kept, joined where they differ and fit. Counters are added up where the one rule would
//         have counted just that, else dropped. Rules with a condition that keeps state are left alone, and so are
//         rules that a program wrote, which it will look for by their words.
//
// For example, these become -A INPUT -p tcp -m multiport --dports 22,80 -m comment --comment "ssh; web" -j ACCEPT:
//     -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT
//     -A INPUT -p tcp -m tcp --dport 80 -m comment --comment web -j ACCEPT
#include "analysis/Agents.h"
#include "analysis/MergedWords.h"
#include "analysis/Reach.h"
#include "pass/Comments.h"
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass::passes {

using analysis::Merge;
using Words = std::vector<std::string>;
using Rules = std::vector<const ir::Rule *>;

static Rules rulesOf(const ir::Table &table, const Merge &merge) {
  Rules rules;
  for (ir::RuleId id : merge.rules)
    rules.push_back(&table.chains[id.chain].rules[id.rule]);
  return rules;
}

static std::optional<ir::Counters> countersOf(const Rules &rules, const Merge &merge) {
  ir::Counters sum;
  for (const ir::Rule *rule : rules) {
    if (!merge.countersAdd || !rule->counters)
      return std::nullopt;
    sum.packets += rule->counters->packets;
    sum.bytes += rule->counters->bytes;
  }
  return sum;
}

/// The test that is widened.
static bool isSlot(const ir::Test &test, const Merge &merge) {
  auto *range = std::get_if<ir::RangeTest>(&test);
  return range && range->field == merge.field && !range->orField && !range->negated;
}

/// The words of the first rule that can be written with the wider test, and that rule.
static std::optional<std::pair<Words, const ir::Rule *>> wordsOf(const Rules &rules, const Merge &merge,
                                                                 packet::Family family) {
  for (const ir::Rule *rule : rules)
    if (std::optional<Words> words = analysis::mergedWords(*rule, merge, family))
      return std::pair(*words, rule);
  return std::nullopt;
}

/// Nothing where no words are known for it.
static std::optional<ir::Rule> mergedRule(const Rules &rules, const Merge &merge, const ir::Ruleset &ruleset) {
  auto written = wordsOf(rules, merge, ruleset.family);
  std::optional<std::string> comment = joinedComment(rules);
  if (!written || !comment)
    return std::nullopt;
  auto &[words, pattern] = *written;
  llvm::StringSaver saver(*ruleset.strings);
  ir::Rule rule = *pattern;
  if (*comment != rule.comment)
    writeComment(words, rule.comment = saver.save(*comment));
  rule.words.clear();
  for (const std::string &word : words)
    rule.words.push_back(saver.save(word));
  for (ir::Test &test : rule.tests)
    if (isSlot(test, merge))
      std::get<ir::RangeTest>(test).ranges = merge.ranges;
  rule.counters = countersOf(rules, merge);
  rule.at = rules.front()->at;
  rule.insertNumber = rules.front()->insertNumber;
  return rule;
}

static void tell(const ir::Table &table, const Merge &merge, Record &record) {
  Change change{Did::Merge, table.name, table.chains[merge.rules.front().chain].name, {}};
  for (const ir::Rule *rule : rulesOf(table, merge))
    change.rules.push_back(rule->at);
  record.changes.push_back(std::move(change));
}

static std::vector<Merge> findMerges(const ir::Table &table, packet::Family family) {
  analysis::ReachOptions options;
  options.defragmented = analysis::usesConntrack(table);
  options.onlyRedundancy = true;
  options.extras.merges = options.extras.anyComments = true;
  options.mayMerge = [&](ir::RuleId id) { return analysis::agentOfRule(table, id).empty(); };
  return computeReach(table, family, analysis::buildCallGraph(table), options).merges;
}

/// One round. \returns whether anything was merged.
static bool mergeRound(ir::Table &table, const ir::Ruleset &ruleset, Record &record) {
  Going going = noneGoing(table);
  ir::Table changed = table;
  bool any = false;
  for (const Merge &merge : findMerges(table, ruleset.family)) {
    std::optional<ir::Rule> rule = mergedRule(rulesOf(table, merge), merge, ruleset);
    if (!rule)
      continue;
    any = true;
    tell(table, merge, record);
    ir::RuleId first = merge.rules.front();
    changed.chains[first.chain].rules[first.rule] = std::move(*rule);
    for (ir::RuleId other : llvm::makeArrayRef(merge.rules).drop_front())
      going[other.chain][other.rule] = true;
  }
  if (any)
    table = without(std::move(changed), going);
  return any;
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    while (!isLeftAlone(table) && mergeRound(table, in, record))
      ;
  return out;
}

extern constinit const Pass merge_rules = {
    .id = "merge-rules",
    .summary = "make rules one that differ in one address or port",
    .run = run,
};

} // namespace iptlint::pass::passes
