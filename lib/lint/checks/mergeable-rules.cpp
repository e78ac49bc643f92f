// Rules that differ in one address or port, where one rule would do.
//
// Each rule costs every packet that passes it, and a list of twenty is harder to read than one rule with twenty ports.
// What analysis offers may replace the first rule while the others go; no packet would notice. The rule is put together
// out of the first one's words. Agents' rules are theirs.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::Merge;
using llvm::StringRef;
using packet::Field;
using Words = std::vector<std::string>;

static constexpr size_t kMostNotes = 15;

namespace {

/// How a field is written: as one value, or in the longer form as a range or list.
struct Spelling {
  Field field;
  StringRef shorts[3];
  StringRef longs[2];
};

} // namespace

static constexpr Spelling spellings[] = {
    {Field::Src, {"-s", "--source", "--src"}, {"--src-range", "--src-range"}},
    {Field::Dst, {"-d", "--destination", "--dst"}, {"--dst-range", "--dst-range"}},
    {Field::Sport, {"--sport", "--source-port", "--sport"}, {"--sports", "--source-ports"}},
    {Field::Dport, {"--dport", "--destination-port", "--dport"}, {"--dports", "--destination-ports"}},
};

static const Spelling &spellingOf(Field field) {
  return *llvm::find_if(spellings, [&](const Spelling &of) { return of.field == field; });
}

// --- the one rule's words

static std::string portsText(const Merge &merge) {
  std::vector<std::string> parts;
  for (const ir::Interval &range : merge.ranges)
    parts.push_back(range.lo == range.hi ? fmt::format("{}", unsigned(range.lo))
                                         : fmt::format("{}:{}", unsigned(range.lo), unsigned(range.hi)));
  return llvm::join(parts, ",");
}

/// "10.0.0.0/8"; empty where the interval is no prefix.
static std::string prefixText(const ir::Interval &interval, packet::Family family) {
  packet::Value size = interval.hi - interval.lo + 1;
  if ((size & (size - 1)) != 0 || (interval.lo & (size - 1)) != 0)
    return "";
  unsigned free = 0, bits = packet::bits(Field::Src, family);
  while (free != bits && (interval.lo ^ interval.hi) >> free)
    ++free;
  return fmt::format("{}/{}", packet::addressText(interval.lo, family), bits - free);
}

/// Whether the option is the only one of the match that is named before it.
static bool isBareMatch(const Words &words, size_t option) {
  bool isNamed = option >= 2 && words[option - 2] == "-m" && !StringRef(words[option - 1]).startswith("-");
  size_t next = option + 2;
  if (next < words.size() && words[next] == "!")
    ++next;
  return isNamed && (next >= words.size() || !StringRef(words[next]).startswith("--"));
}

/// Turns `-m tcp --dport 80` into a multiport.
static void writeMultiport(Words &words, size_t option, const Spelling &spelling, const std::string &ports) {
  Words list = {"-m", "multiport", spelling.longs[0].str(), ports};
  size_t from = isBareMatch(words, option) ? option - 2 : option;
  words.erase(words.begin() + from, words.begin() + option + 2);
  words.insert(words.begin() + from, list.begin(), list.end());
}

static bool writeAddress(Words &words, size_t option, bool isRange, const Merge &merge, packet::Family family) {
  const ir::Interval &all = merge.ranges.front();
  words[option + 1] = isRange ? packet::addressText(all.lo, family) + "-" + packet::addressText(all.hi, family)
                              : prefixText(all, family);
  return !words[option + 1].empty();
}

/// The first rule's words with the wider test; nothing where they are written in a way that is not known here.
static std::optional<Words> mergedWords(const ir::Rule &rule, const Merge &merge, packet::Family family) {
  const Spelling &spelling = spellingOf(merge.field);
  Words words;
  for (StringRef word : rule.words)
    words.push_back(word.str());
  size_t option = 0;
  auto isLong = [&](StringRef word) { return llvm::is_contained(spelling.longs, word); };
  auto isOption = [&](StringRef word) { return llvm::is_contained(spelling.shorts, word) || isLong(word); };
  while (option != words.size() && !isOption(words[option]))
    ++option;
  if (option + 1 >= words.size())
    return std::nullopt;
  bool isAddress = merge.field == Field::Src || merge.field == Field::Dst;
  if (isAddress)
    return writeAddress(words, option, isLong(words[option]), merge, family) ? std::optional(words) : std::nullopt;
  if (isLong(words[option]) || merge.ranges.size() == 1)
    words[option + 1] = portsText(merge);
  else
    writeMultiport(words, option, spelling, portsText(merge));
  return words;
}

// --- findings

static void reportMerge(const Facts &facts, const TableFacts &table, const Merge &merge, Reporter &report) {
  RuleFacts first{table, merge.rules.front()};
  auto isAgents = [&](ir::RuleId id) { return !agentOfRule({table, id}).empty(); };
  auto words = mergedWords(first.rule(), merge, facts.ruleset->family);
  if (!words || llvm::any_of(merge.rules, isAgents))
    return;
  Finding finding = report.add(first, fmt::format("one rule would do for these {}: -A {} {}", merge.rules.size(),
                                                  first.chain().name.str(), llvm::join(*words, " ")));
  llvm::ArrayRef<ir::RuleId> others = llvm::makeArrayRef(merge.rules).drop_front();
  for (ir::RuleId other : others.take_front(kMostNotes))
    finding.note(table, other, "this " + wordsFor(RuleFacts{table, other}.rule()) + " would go");
  if (others.size() > kMostNotes)
    finding.append(fmt::format("; the next {} are named", kMostNotes));
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (const Merge &merge : table.reach.merges)
      reportMerge(facts, table, merge, report);
}

extern constinit const Check mergeable_rules = {
    .id = "mergeable-rules",
    .summary = "rules that differ in one address or port, where one rule would do",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
    .needs = &analysis::Extras::merges,
};

} // namespace iptlint::lint::checks
