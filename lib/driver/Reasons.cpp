#include "driver/Reasons.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using pass::Change;
using pass::Did;

/// Rules of which so many are named.
constexpr size_t kMostNamed = 4;

RulePlaces::RulePlaces(llvm::ArrayRef<ir::Ruleset> original) {
  for (const ir::Ruleset &ruleset : original)
    for (const ir::Table &table : ruleset.tables)
      for (const ir::Chain &chain : table.chains)
        for (const ir::Rule &rule : chain.rules)
          places.try_emplace(rule.at.begin, Place{&table, &chain, unsigned(&rule - chain.rules.data()) + 1});
}

const RulePlaces::Place *RulePlaces::operator[](ir::SourceRange at) const {
  auto found = places.find(at.begin);
  return found == places.end() ? nullptr : &found->second;
}

// --- rules by their numbers

/// "2", "2 and 3", "2, 3 and 5", "4 to 9", "2, 4 to 9 and 11".
static std::string numbersText(std::vector<unsigned> numbers) {
  llvm::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<std::string> parts;
  for (size_t i = 0, end = 0; i != numbers.size(); i = end) {
    for (end = i + 1; end != numbers.size() && numbers[end] == numbers[end - 1] + 1;)
      ++end;
    if (end - i > 2)
      parts.push_back(fmt::format("{} to {}", numbers[i], numbers[end - 1]));
    else
      end = i + 1, parts.push_back(std::to_string(numbers[i]));
  }
  std::string last = parts.empty() ? "" : parts.back();
  return parts.size() < 2 ? last : llvm::join(llvm::makeArrayRef(parts).drop_back(), ", ") + " and " + last;
}

static std::vector<unsigned> numbersOf(llvm::ArrayRef<ir::SourceRange> rules, const RulePlaces &places) {
  std::vector<unsigned> numbers;
  for (ir::SourceRange rule : rules)
    if (const RulePlaces::Place *place = places[rule])
      numbers.push_back(place->number);
  return numbers;
}

/// "rule 2 takes them", "rules 2 and 3 take them": those of other chains by the chain's name.
static std::string takersText(const Change &change, const RulePlaces &places) {
  std::map<llvm::StringRef, std::vector<unsigned>> byChain;
  for (ir::SourceRange rule : change.because)
    if (const RulePlaces::Place *place = places[rule])
      byChain[place->chain->name].push_back(place->number);
  std::vector<std::string> parts;
  for (auto &[chain, numbers] : byChain) {
    std::string of = chain == change.chain ? "" : " of " + chain.str();
    if (numbers.size() > kMostNamed)
      parts.push_back(fmt::format("{} rules{}", numbers.size(), of));
    else
      parts.push_back(fmt::format("{} {}{}", numbers.size() == 1 ? "rule" : "rules", numbersText(numbers), of));
  }
  bool one = byChain.size() == 1 && byChain.begin()->second.size() == 1;
  return llvm::join(parts, " and ") + (one ? " takes them" : " take them");
}

// --- reasons

static std::string unreachedText(const Change &change, bool one, const RulePlaces &places) {
  std::string text = fmt::format("no packet reaches {}", one ? "it" : "them");
  return change.because.empty() ? text : text + ", " + takersText(change, places);
}

static std::string redundantText(const Change &change, bool one, const RulePlaces &places) {
  const RulePlaces::Place *own = places[change.rules.front()];
  if (!change.because.empty())
    if (const RulePlaces::Place *place = places[change.because.front()])
      return fmt::format("rule {} does the same for {} packets", place->number, one ? "its" : "their");
  return own && own->chain->hook ? "the policy does the same" : "the end of the chain does the same";
}

static std::string reasonText(const Change &change, const RulePlaces &places) {
  std::vector<unsigned> numbers = numbersOf(change.rules, places);
  bool one = numbers.size() == 1;
  std::string rules = fmt::format("{} {} of {}", one ? "rule" : "rules", numbersText(numbers), change.chain.str());
  std::string chain = "chain " + change.chain.str();
  switch (change.did) {
  case Did::DropUnmatchable:
    return fmt::format("{}: no packet meets {} condition", rules, one ? "its" : "their");
  case Did::DropUnreached:
    return rules + ": " + unreachedText(change, one, places);
  case Did::DropRedundant:
    return rules + ": " + redundantText(change, one, places);
  case Did::DropAccounting:
    return fmt::format("{} only {}", rules, one ? "counts" : "count");
  case Did::Merge:
    return rules + " are one";
  case Did::Gather:
    return fmt::format("{} ask about one set, {}", rules, change.into.str());
  case Did::DropChain:
    return chain + ": no built-in chain leads to it";
  case Did::Fold:
    return fmt::format("{} has the same rules as {}", chain, change.into.str());
  case Did::MakeTree:
    return rules + (one ? " stands" : " stand") + " in a tree of chains";
  case Did::Inline:
    return fmt::format("{} stands in {} in place of the one jump to it", chain, change.into.str());
  }
  llvm_unreachable("every kind is above");
}

static bool tellsTheSame(const Change &left, const Change &right) {
  return left.did == right.did && left.table == right.table && left.chain == right.chain &&
         left.because == right.because && left.into == right.into;
}

static bool isAboutChain(const Change &change) {
  return change.did == Did::DropChain || change.did == Did::Fold || change.did == Did::Inline ||
         change.did == Did::Merge || change.did == Did::Gather || change.did == Did::MakeTree;
}

std::vector<std::string> reasonsOf(llvm::ArrayRef<const Change *> changes, const RulePlaces &places) {
  std::vector<Change> groups;
  for (const Change *change : changes) {
    auto same = llvm::find_if(groups, [&](const Change &group) { return tellsTheSame(group, *change); });
    if (same == groups.end() || isAboutChain(*change))
      groups.push_back(*change);
    else
      same->rules.insert(same->rules.end(), change->rules.begin(), change->rules.end());
  }
  std::vector<std::string> reasons;
  for (const Change &group : groups)
    reasons.push_back(reasonText(group, places));
  return reasons;
}

// --- what is still so

/// The words that stand at each place.
static std::map<uint32_t, std::vector<llvm::StringRef>> wordsByPlace(llvm::ArrayRef<ir::Ruleset> rulesets) {
  std::map<uint32_t, std::vector<llvm::StringRef>> words;
  for (const ir::Ruleset &ruleset : rulesets)
    for (const ir::Table &table : ruleset.tables)
      for (const ir::Chain &chain : table.chains) {
        words[chain.at.begin].push_back(chain.name);
        for (const ir::Rule &rule : chain.rules)
          llvm::append_range(words[rule.at.begin], rule.words);
      }
  return words;
}

std::vector<const Change *> changesIn(llvm::ArrayRef<ir::Ruleset> result, llvm::ArrayRef<Change> changes,
                                      llvm::ArrayRef<ir::Ruleset> original) {
  auto before = wordsByPlace(original), after = wordsByPlace(result);
  auto isChanged = [&](ir::SourceRange at) { return before[at.begin] != after[at.begin]; };
  std::vector<const Change *> still;
  for (const Change &change : changes)
    if (llvm::any_of(change.rules, isChanged))
      still.push_back(&change);
  return still;
}

} // namespace iptlint::driver
