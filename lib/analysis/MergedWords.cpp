#include "analysis/MergedWords.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::analysis {

using llvm::StringRef;
using packet::Field;
using Words = std::vector<std::string>;

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

/// Turns `-m tcp --dport 80` into a multiport, behind what else -m tcp asks for.
static void writeMultiport(Words &words, size_t option, const Spelling &spelling, const std::string &ports) {
  Words list = {"-m", "multiport", spelling.longs[0].str(), ports};
  bool bare = isBareMatch(words, option);
  auto at = words.erase(words.begin() + (bare ? option - 2 : option), words.begin() + option + 2);
  static constexpr StringRef ends[] = {"-m", "--match", "-j", "--jump", "-g", "--goto"};
  while (!bare && at != words.end() && !llvm::is_contained(ends, StringRef(*at)))
    ++at;
  words.insert(at, list.begin(), list.end());
}

static bool writeAddress(Words &words, size_t option, bool isRange, const Merge &merge, packet::Family family) {
  const ir::Interval &all = merge.ranges.front();
  words[option + 1] = isRange ? packet::addressText(all.lo, family) + "-" + packet::addressText(all.hi, family)
                              : prefixText(all, family);
  return !words[option + 1].empty();
}

/// The one word that is an option which asks for the field; the number of words if there is none, or more than one.
static size_t optionFor(const Spelling &spelling, const Words &words) {
  auto isOption = [&](StringRef word) {
    return llvm::is_contained(spelling.shorts, word) || llvm::is_contained(spelling.longs, word);
  };
  auto found = std::find_if(words.begin(), words.end(), isOption);
  bool hasValue = found != words.end() && found + 1 != words.end();
  return hasValue && std::none_of(found + 1, words.end(), isOption) ? size_t(found - words.begin()) : words.size();
}

std::optional<Words> wordsWithout(Words words, Field field) {
  const Spelling &spelling = spellingOf(field);
  size_t option = optionFor(spelling, words);
  if (option == words.size())
    return std::nullopt;
  bool needsOptions = llvm::is_contained(spelling.longs, StringRef(words[option]));
  auto first = words.begin() + ptrdiff_t(option);
  words.erase(needsOptions && isBareMatch(words, option) ? first - 2 : first, first + 2);
  return words;
}

std::optional<Words> mergedWords(const ir::Rule &rule, const Merge &merge, packet::Family family) {
  const Spelling &spelling = spellingOf(merge.field);
  Words words;
  for (StringRef word : rule.words)
    words.push_back(word.str());
  size_t option = optionFor(spelling, words);
  if (option == words.size())
    return std::nullopt;
  bool isLong = llvm::is_contained(spelling.longs, StringRef(words[option]));
  bool isAddress = merge.field == Field::Src || merge.field == Field::Dst;
  if (isAddress)
    return writeAddress(words, option, isLong, merge, family) ? std::optional(words) : std::nullopt;
  if (isLong || merge.ranges.size() == 1)
    words[option + 1] = portsText(merge);
  else
    writeMultiport(words, option, spelling, portsText(merge));
  return words;
}

} // namespace iptlint::analysis
