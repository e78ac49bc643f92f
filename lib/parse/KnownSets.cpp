#include "parse/KnownSets.h"
#include <fmt/format.h>

namespace iptlint::parse {

/// Options may be cut short, and have their value behind a `=`. What is too short to be clear counts as well.
static bool isOption(llvm::StringRef word, llvm::ArrayRef<llvm::StringLiteral> options) {
  return word.size() > 2 && llvm::any_of(options, [&](llvm::StringRef option) { return option.startswith(word); });
}

void KnownSets::noteNames(const ir::Sets &all) {
  for (const ir::Set &set : all.sets)
    byName[set.name] = &set;
}

KnownSets::KnownSets(std::shared_ptr<const ir::Sets> known, std::shared_ptr<const ir::Sets> madeOfRules, llvm::StringRef rules)
    : sets(std::move(known)), made(std::move(madeOfRules)) {
  if (made)
    noteNames(*made);
  if (sets)
    noteNames(*sets);
  while (!rules.empty()) {
    auto [line, rest] = rules.split('\n');
    if (line.contains("SET") || line.contains("set"))
      noteUses(line);
    rules = rest;
  }
}

void KnownSets::noteUses(llvm::StringRef line) {
  static constexpr llvm::StringLiteral changes[] = {"--add-set", "--del-set"};
  static constexpr llvm::StringLiteral counters[] = {"--packets-eq", "--packets-lt", "--packets-gt",
                                                     "--bytes-eq",   "--bytes-lt",   "--bytes-gt"};
  bool nameFollows = false;
  while (!(line = line.ltrim(" \t\r")).empty()) {
    llvm::StringRef word = line.take_until([](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    line = line.drop_front(word.size());
    auto [option, value] = word.trim("\"'").split('=');
    if (byName.count(option))
      ++uses[option];
    if (nameFollows)
      changed.insert(option);
    nameFollows = isOption(option, changes);
    if (nameFollows && !value.empty())
      changed.insert(value);
    countersAreRead |= isOption(option, counters);
  }
}

const ir::Set *KnownSets::find(llvm::StringRef name) const { return byName.lookup(name); }

bool KnownSets::isChanged(const ir::Set &set) const {
  return changed.contains(set.name) ||
         llvm::any_of(set.members, [&](const ir::SetMember &member) { return changed.contains(member.name); });
}

SetCondition KnownSets::make(const ir::Set &set, const SetQuestion &question, packet::Family family, std::string &why) {
  if (isChanged(set)) {
    why = "rules change it";
    return {SetAnswer::Changing, nullptr};
  }
  if (set.hasCounters && countersAreRead) {
    why = "rules count its packets and read the counters";
    return {SetAnswer::Changing, nullptr};
  }
  SetBoxes held = boxesOf(set, isMade(set) ? *made : *sets, question, family);
  why = held.why;
  if (held.answer > SetAnswer::AtMost)
    return {held.answer, nullptr};
  mergeBoxes(held.boxes);
  size_t pieces = countPieces(held.boxes), asking = std::max<size_t>(uses.lookup(set.name), 1);
  if (!isMade(set) && !spend(pieces * asking)) {
    why = fmt::format("it holds {} ranges and {} rules ask about it; all sets together may give rules {} ranges", pieces,
                      asking, kMostPieces);
    return {held.answer == SetAnswer::Exact ? SetAnswer::Unknown : SetAnswer::Changing, nullptr};
  }
  return {held.answer, std::make_shared<const std::vector<ir::Alternative>>(std::move(held.boxes))};
}

bool KnownSets::spend(size_t pieces) {
  if (pieces > piecesLeft)
    return false;
  piecesLeft -= pieces;
  return true;
}

const SetCondition &KnownSets::condition(const ir::Set &set, const SetQuestion &question, packet::Family family,
                                         llvm::StringRef at, Findings &findings) {
  auto [known, isNew] = conditions.try_emplace({&set, question, family});
  if (!isNew)
    return known->second;
  std::string why;
  known->second = make(set, question, family, why);
  if (!why.empty() && told.insert(set.name).second)
    findings.add(support::Severity::Info, at,
                 fmt::format("the set '{}' is {}: {}", set.name,
                             known->second.answer == SetAnswer::AtMost ? "not the same all the time" : "taken as unknown", why));
  return known->second;
}

} // namespace iptlint::parse
