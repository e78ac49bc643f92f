// `-m set --match-set` with the sets that `--sets` defines. Source: net/netfilter/xt_set.c.
#include "parse/KnownSets.h"
#include "parse/Tests.h"
#include <fmt/format.h>

namespace iptlint::parse {

using support::Severity;

/// Ranges that are few enough for each rule to have them to itself.
constexpr size_t kFewRanges = 16;

/// `src,dst`; extensions/libxt_set.h looks at three letters of each.
static std::optional<SetQuestion> parseDirections(llvm::StringRef text) {
  constexpr unsigned kMost = 6; // IPSET_DIM_MAX
  llvm::SmallVector<llvm::StringRef, 4> words;
  text.split(words, ',');
  SetQuestion question;
  for (llvm::StringRef word : words) {
    bool source = word.startswith("src");
    if ((!source && !word.startswith("dst")) || question.directions == kMost)
      return std::nullopt;
    question.sources |= unsigned(source) << question.directions++;
  }
  return question;
}

static void warn(RuleBuilder &builder, llvm::StringRef at, Severity severity, std::string message) {
  builder.findings.add(severity, at, std::move(message), "set-undefined");
}

/// The set of this name, if it can be asked about packets of the rule's family. iptables refuses a rule where not.
static const ir::Set *findSet(RuleBuilder &builder, const Use &use) {
  llvm::StringRef name = builder.value(use);
  const ir::Set *set = builder.sets->find(name);
  if (!set && !builder.sets->mayBeOthers())
    warn(builder, use.values[0], Severity::Error, fmt::format("there is no set '{}'", name));
  else if (!set)
    return nullptr;
  else if (set->family.value_or(builder.family) != builder.family) {
    warn(builder, use.values[0], Severity::Error,
         fmt::format("the set '{}' holds IPv{} addresses, and these are rules for IPv{}", name, int(*set->family), int(builder.family)));
    return nullptr;
  }
  return set;
}

static void addStateful(RuleBuilder &builder, unsigned module) {
  addOpaqueTest(builder, module);
  std::get<ir::OpaqueTest>(builder.rule.tests.back()).opacity = ir::Opacity::Stateful;
}

/// In the set, or not in it.
static void addMembership(RuleBuilder &builder, const SetCondition &condition, bool negated) {
  const std::vector<ir::Alternative> &boxes = *condition.boxes;
  if (boxes.empty()) {
    if (!negated)
      builder.rule.tests.push_back(ir::RangeTest{}); // no value fits
    return;
  }
  bool single = boxes.size() == 1 && boxes[0].size() == 1;
  auto *range = single ? std::get_if<ir::RangeTest>(&boxes[0][0]) : nullptr;
  if (range && range->ranges.size() <= kFewRanges)
    return builder.addRanges(range->field, range->ranges, negated);
  builder.rule.tests.push_back(ir::UnionTest{negated, condition.boxes});
}

static bool readsCounters(const RuleBuilder &builder, unsigned module) {
  return llvm::any_of(builder.command.uses, [&](const Use &use) {
    return use.module == module && use.option &&
           (use.option->canonical.startswith("packets-") || use.option->canonical.startswith("bytes-"));
  });
}

/// Too few directions are loaded all the same, and match nothing.
static void warnOfDirections(RuleBuilder &builder, const Use &use, const ir::Set &set, const SetQuestion &question) {
  if (question.directions < set.parts.size())
    warn(builder, use.values[1], Severity::Warning,
         fmt::format("members of '{}' ({}) have {} parts, so that '{}' never matches", set.name, set.type, set.parts.size(),
                     builder.value(use, 1)));
}

void addSetTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "match-set");
  if (!use || !builder.sets || use->values.size() < 2)
    return addOpaqueTest(builder, module);
  const ir::Set *set = findSet(builder, *use);
  auto question = parseDirections(builder.value(*use, 1));
  if (!set || !question)
    return addOpaqueTest(builder, module);
  warnOfDirections(builder, *use, *set, *question);
  question->returnNomatch = builder.command.find(module, "return-nomatch");
  const SetCondition &condition = builder.sets->condition(*set, *question, builder.family, use->values[0], builder.findings);
  bool counters = readsCounters(builder, module);
  if (condition.answer == SetAnswer::Exact && !counters)
    return addMembership(builder, condition, use->negated);
  if (condition.answer == SetAnswer::AtMost && !use->negated)
    addMembership(builder, condition, false);
  if (condition.answer == SetAnswer::Unknown && !counters)
    return addOpaqueTest(builder, module);
  addStateful(builder, module);
}

void checkSetsOfTarget(RuleBuilder &builder) {
  if (!builder.sets || builder.command.target < 0)
    return;
  for (const Use &use : builder.command.uses)
    if (int(use.module) == builder.command.target && (use.is("add-set") || use.is("del-set") || use.is("map-set")) && !use.values.empty())
      findSet(builder, use);
}

} // namespace iptlint::parse
