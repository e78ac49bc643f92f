// What the tests of smt share: rules as text, and an evaluation of a shown packet that answers as the proof presumes.
#pragma once

#include "eval/Eval.h"
#include "parse/Parse.h"
#include "smt/Equivalent.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

namespace iptlint::smt {

using std::chrono::milliseconds;

inline ir::Ruleset rules(const std::string &text, packet::Family family = packet::Family::IPv4) {
  parse::ParsedRules parsed = parse::parseRules(support::Source::fromText(text), {.family = family});
  EXPECT_FALSE(parsed.incomplete) << text;
  EXPECT_EQ(parsed.rulesets.size(), 1u);
  return parsed.rulesets.front();
}

/// A filter table of an INPUT chain with policy DROP and the user chains A and B.
inline std::string filter(const std::string &lines) {
  return "*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n" + lines + "COMMIT\n";
}

/// Answers what a Comparison presumes; asked for more, it fails.
class Presumed : public eval::Oracle {
public:
  Presumed(const Comparison &comparison, const Decision &decision)
      : policy(comparison.policyAccepts), decision(decision) {}

  bool meets(const ir::OpaqueTest &test) override {
    const auto &[text, holds] = decision.state.at(evaluated++);
    EXPECT_EQ(text, test.text);
    return holds;
  }
  bool opaqueTargetEnds(const ir::Rule &rule) override { return unexpected(rule.target.name); }
  bool brokenRuleMatches(const ir::Rule &) override { return unexpected("a broken rule"); }
  bool policyAccepts(const ir::Chain &) override { return policy; }
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override {
    return decision.afterRewriting.at({test.text.str(), rewrites});
  }
  packet::Value anyValue(packet::Field) override { return decision.madeUp.at(made++); }

private:
  bool unexpected(llvm::StringRef what) {
    ADD_FAILURE() << "the difference hangs on " << what.str();
    return false;
  }

  bool policy;
  Decision decision;
  size_t made = 0, evaluated = 0;
};

inline eval::Outcome walk(const ir::Ruleset &ruleset, const Comparison &comparison, const Decision &decision) {
  Presumed oracle(comparison, decision);
  for (const ir::Table &table : ruleset.tables)
    if (table.name == comparison.table)
      return eval::evaluate(table, *comparison.packet, oracle);
  ADD_FAILURE() << "no table " << comparison.table;
  return {};
}

/// The effects that a Decision lists: those of targets other than MARK.
inline std::vector<std::string> withoutMarks(std::vector<std::string> effects) {
  llvm::erase_if(effects, [](llvm::StringRef effect) { return effect.startswith("MARK"); });
  return effects;
}

/// All packets as one question, and cut into as many cells as rules can tell apart, shared by two processes. What they
/// answer, and not how fast, is the question: a busy machine with sanitizers gets the time that it needs.
inline std::vector<Effort> efforts() {
  Effort whole(milliseconds(120'000)), finely(milliseconds(120'000), 2);
  finely.rulesPerQuestion = 1;
  return {whole, finely};
}

/// eval must do with the packet of \p comparison what the proof says of both sides.
inline void expectConfirmed(const ir::Ruleset &first, const ir::Ruleset &second, const Comparison &comparison) {
  eval::Outcome left = walk(first, comparison, comparison.before), right = walk(second, comparison, comparison.after);
  EXPECT_EQ(left.verdict, comparison.before.verdict);
  EXPECT_EQ(right.verdict, comparison.after.verdict);
  EXPECT_EQ(withoutMarks(left.effects), comparison.before.effects);
  EXPECT_EQ(withoutMarks(right.effects), comparison.after.effects);
  EXPECT_TRUE(left.verdict != right.verdict || left.effects != right.effects || left.packet != right.packet)
      << "eval sees no difference for " << packet::inIptablesWords(*comparison.packet);
}

/// The proof must find a difference however packets are cut, and eval must confirm it. \returns that of one question.
inline Comparison expectDifferent(const std::string &before, const std::string &after,
                                  packet::Family family = packet::Family::IPv4) {
  ir::Ruleset first = rules(before, family), second = rules(after, family);
  std::vector<Comparison> comparisons;
  for (const Effort &effort : efforts()) {
    comparisons.push_back(compare(first, second, effort));
    EXPECT_EQ(comparisons.back().result, Verdict::Different) << comparisons.back().reason;
    if (comparisons.back().packet)
      expectConfirmed(first, second, comparisons.back());
  }
  return comparisons.front();
}

/// It must have been proved, by the solver or since both sides come to the same formula, and not for being unchanged.
/// \returns the answer of one question.
inline Comparison expectEqual(const std::string &before, const std::string &after,
                              packet::Family family = packet::Family::IPv4) {
  std::vector<Comparison> comparisons;
  for (const Effort &effort : efforts()) {
    comparisons.push_back(compare(rules(before, family), rules(after, family), effort));
    const Comparison &comparison = comparisons.back();
    EXPECT_EQ(comparison.result, Verdict::Equal)
        << comparison.reason << (comparison.packet ? packet::inIptablesWords(*comparison.packet) : "");
  }
  EXPECT_TRUE(comparisons.front().queries >= 2 || comparisons.front().alikeCells != 0)
      << "no question was asked, and no formula made";
  return comparisons.front();
}

inline Comparison expectUnknown(const std::string &before, const std::string &after, const std::string &because) {
  Comparison comparison = compare(rules(before), rules(after), milliseconds(20'000));
  EXPECT_EQ(comparison.result, Verdict::Unknown);
  EXPECT_THAT(comparison.reason, testing::HasSubstr(because));
  return comparison;
}

} // namespace iptlint::smt
