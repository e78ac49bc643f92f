// Makes rules one that differ in addresses: the one rule asks about a set that holds them.
//
// Before: dead and redundant rules are gone (drop-unreached, drop-redundant); any that stay are left alone.
// After:  rules of a chain that were alike but for one range of addresses, or for one address and one port, are one in
//         the place of the first of them where that costs a packet less: looking into a set takes as long as some rules
//         do. Record::sets holds the sets. A comment that all have stays; where comments differ, they are the members'.
//         Counters are added up where the one rule would have counted just that, else dropped. Rules with a condition
//         that keeps state are left alone, and so are rules that a program wrote, which it will look for by their
//         words.
//
// For example, of as many rules as pay for it,
//     -A INPUT -s 10.1.2.3/32 -j DROP
//     -A INPUT -s 10.4.5.6/32 -j DROP
// become -A INPUT -m set --match-set INPUT~src-DROP~5f0c1a92 src -j DROP, and a set of type hash:ip.
#include "analysis/Agents.h"
#include "analysis/MergedWords.h"
#include "analysis/Reach.h"
#include "pass/Comments.h"
#include "pass/GatheredSet.h"
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "pass/SetNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::pass::passes {

using analysis::Gather;
using packet::Field;
using Words = std::vector<std::string>;

/// Fewer rules are easier to read than a set, whatever they cost.
constexpr size_t kFewest = 5;

/// Whether ipset takes it as a comment of a member, and a shell as nothing else; nor is it a word to a program.
static bool fitsMember(const ir::Rule &rule) {
  static constexpr llvm::StringLiteral special = "\"\\$`";
  auto isPlain = [](char c) { return llvm::isPrint(c) && !special.contains(c); };
  return llvm::count(rule.words, "--comment") <= 1 && !rule.comment.startswith("iptlint:") &&
         rule.comment.size() <= kLongestComment && llvm::all_of(rule.comment, isPlain);
}

static Rules rulesOf(const ir::Table &table, const Gather &gather) {
  Rules rules;
  for (ir::RuleId id : gather.rules)
    rules.push_back(&table.chains[id.chain].rules[id.rule]);
  return rules;
}

/// The protocols in whose packets sets see ports, of those that have a match with ports of their own.
static bool hasSetPorts(unsigned protocol) {
  return protocol == packet::kTcp || protocol == packet::kUdp || protocol == packet::kSctp;
}

// --- what is gathered

static bool paysOff(const ir::Table &table, const Gather &gather, packet::Family family, const Record &record) {
  Rules rules = rulesOf(table, gather);
  unsigned protocol = protocolOf(*rules.front());
  if (rules.size() < kFewest || (gather.port && !hasSetPorts(protocol)))
    return false;
  ir::Set set = gatheredSet(rules, gather, protocol, family);
  size_t others = std::min(rules.size(), fewestRules(set, family));
  return others >= kFewest && double(others) * record.costs.perRule > lookUpCost(set);
}

static std::vector<Gather> findGathers(const ir::Table &table, packet::Family family, const Record &record) {
  analysis::GatherOptions options;
  options.defragmented = analysis::usesConntrack(table);
  options.mayMerge = [&](ir::RuleId id) {
    return fitsMember(table.chains[id.chain].rules[id.rule]) && analysis::agentOfRule(table, id).empty();
  };
  options.worthASet = [&](const Gather &gather) { return paysOff(table, gather, family, record); };
  return analysis::computeGathers(table, family, analysis::buildCallGraph(table), options);
}

// --- the one rule

/// "src", "src-dport"
static std::string askedBy(const Gather &gather) {
  std::string text = gather.address == Field::Src ? "src" : "dst";
  return gather.port ? text + (gather.port == Field::Sport ? "-sport" : "-dport") : text;
}

/// "src", "src,dst": what `--match-set` calls the same.
static std::string directionsOf(const Gather &gather) {
  std::string text = gather.address == Field::Src ? "src" : "dst";
  return gather.port ? text + (gather.port == Field::Sport ? ",src" : ",dst") : text;
}

/// Without what the set is asked instead.
static std::optional<Words> otherWords(const ir::Rule &rule, const Gather &gather) {
  Words words;
  for (llvm::StringRef word : rule.words)
    words.push_back(word.str());
  std::optional<Words> others = analysis::wordsWithout(std::move(words), gather.address);
  return others && gather.port ? analysis::wordsWithout(std::move(*others), *gather.port) : others;
}

/// The first rule that can be written, with its words.
static std::optional<std::pair<const ir::Rule *, Words>> writable(const Rules &rules, const Gather &gather) {
  for (const ir::Rule *rule : rules)
    if (std::optional<Words> words = otherWords(*rule, gather))
      return std::pair(rule, *words);
  return std::nullopt;
}

static void insertMatch(Words &words, const ir::Set &set, const Gather &gather) {
  static constexpr llvm::StringRef targets[] = {"-j", "--jump", "-g", "--goto"};
  auto target = llvm::find_if(words, [](llvm::StringRef word) { return llvm::is_contained(targets, word); });
  std::string match[] = {"-m", "set", "--match-set", set.name.str(), directionsOf(gather)};
  words.insert(target, std::begin(match), std::end(match));
}

static bool isSlot(const ir::Test &test, const Gather &gather) {
  auto *range = std::get_if<ir::RangeTest>(&test);
  return range && (range->field == gather.address || range->field == gather.port);
}

static std::optional<ir::Counters> countersOf(const Rules &rules, const Gather &gather) {
  ir::Counters sum;
  for (const ir::Rule *rule : rules) {
    if (!gather.countersAdd || !rule->counters)
      return std::nullopt;
    sum.packets += rule->counters->packets;
    sum.bytes += rule->counters->bytes;
  }
  return sum;
}

static bool commentsDiffer(const Rules &rules) {
  return llvm::any_of(rules, [&](const ir::Rule *rule) { return rule->comment != rules.front()->comment; });
}

/// Nothing where no words are known for it.
static std::optional<ir::Rule> gatheredRule(const Rules &rules, const Gather &gather, const ir::Chain &chain,
                                            const ir::Ruleset &ruleset, Record &record) {
  auto written = writable(rules, gather);
  if (!written)
    return std::nullopt;
  auto &[pattern, words] = *written;
  llvm::StringSaver strings(*ruleset.strings);
  ir::Rule rule = *pattern;
  const ir::Set &set = findOrMake(record, gatheredSet(rules, gather, protocolOf(rule), ruleset.family), chain,
                                  askedBy(gather), rule.target, strings);
  if (commentsDiffer(rules)) {
    eraseComment(words);
    rule.comment = "";
  }
  insertMatch(words, set, gather);
  rule.words.clear();
  for (const std::string &word : words)
    rule.words.push_back(strings.save(word));
  llvm::erase_if(rule.tests, [&](const ir::Test &test) { return isSlot(test, gather); });
  rule.tests.push_back(isIn(set, gather));
  rule.counters = countersOf(rules, gather);
  rule.at = rules.front()->at;
  rule.insertNumber = rules.front()->insertNumber;
  record.changes.push_back({Did::Gather, {}, chain.name, {}, {}, set.name});
  return rule;
}

static void gatherIn(ir::Table &table, const ir::Ruleset &ruleset, Record &record) {
  Going going = noneGoing(table);
  ir::Table changed = table;
  for (const Gather &gather : findGathers(table, ruleset.family, record)) {
    ir::RuleId first = gather.rules.front();
    Rules rules = rulesOf(table, gather);
    std::optional<ir::Rule> rule = gatheredRule(rules, gather, table.chains[first.chain], ruleset, record);
    if (!rule)
      continue;
    record.changes.back().table = table.name;
    for (const ir::Rule *each : rules)
      record.changes.back().rules.push_back(each->at);
    changed.chains[first.chain].rules[first.rule] = std::move(*rule);
    for (ir::RuleId other : llvm::makeArrayRef(gather.rules).drop_front())
      going[other.chain][other.rule] = true;
  }
  table = without(std::move(changed), going);
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  for (llvm::StringRef name : setNamesIn(in))
    record.takenSetNames.insert(name);
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    if (!isLeftAlone(table))
      gatherIn(table, in, record);
  return out;
}

extern constinit const Pass gather_sets = {
    .id = "gather-sets",
    .summary = "make rules one that differ in addresses, which asks about a set",
    .run = run,
};

} // namespace iptlint::pass::passes
