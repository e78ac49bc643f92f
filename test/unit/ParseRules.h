// What the tests of the reader share: rules as text, and what was made of them as short text.
#pragma once

#include "emit/Emit.h"
#include "parse/Parse.h"
#include "llvm/ADT/StringExtras.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

namespace iptlint::parse {

inline ParsedRules parsed(llvm::StringRef text, std::optional<packet::Family> family = packet::Family::IPv4) {
  return parseRules(support::Source::fromText(text), {.family = family});
}

/// "2:4-9 error: message": line, first and last column of what is pointed at.
inline std::vector<std::string> said(const ParsedRules &rules) {
  std::vector<std::string> lines;
  const support::Source &source = *rules.rulesets.front().source;
  for (const support::Diagnostic &finding : rules.findings) {
    support::LineColumn at = source.lineColumn(finding.at.begin);
    lines.push_back(fmt::format("{}:{}-{} {}: {}", at.line, at.column,
                                at.column + (finding.at.end - finding.at.begin) - 1,
                                support::name(finding.severity).str(), finding.message));
  }
  return lines;
}

inline std::string hex(packet::Value value) {
  std::string high = value >> 64 ? llvm::utohexstr(uint64_t(value >> 64), true) + ":" : "";
  return high + llvm::utohexstr(uint64_t(value), true);
}

inline std::string text(const ir::RangeTest &test) {
  std::string field = packet::name(test.field).str() + (test.orField ? "|" + packet::name(*test.orField).str() : "");
  std::vector<std::string> ranges;
  for (const ir::Interval &range : test.ranges)
    ranges.push_back(range.lo == range.hi ? hex(range.lo) : hex(range.lo) + "-" + hex(range.hi));
  return field + (test.negated ? "!=" : "=") + llvm::join(ranges, ",");
}

inline std::string text(const ir::MaskTest &test) {
  return packet::name(test.field).str() + "&" + hex(test.mask) + (test.negated ? "!=" : "=") + hex(test.value);
}

inline std::string text(const ir::OpaqueTest &test) {
  llvm::StringRef kind = test.opacity == ir::Opacity::Function ? "" : "~";
  return "{" + (kind + (test.negated ? "not " : "") + test.text).str() + "}";
}

inline std::string text(const ir::UnionTest &test) {
  std::vector<std::string> alternatives;
  for (const ir::Alternative &alternative : *test.alternatives) {
    std::vector<std::string> parts;
    for (const auto &part : alternative)
      parts.push_back(std::visit([](const auto &one) { return text(one); }, part));
    alternatives.push_back(llvm::join(parts, " "));
  }
  return (test.negated ? "!(" : "(") + llvm::join(alternatives, " | ") + ")";
}

/// A rule's tests, one after the other: numbers are hexadecimal.
inline std::string testsOf(const ir::Rule &rule) {
  std::vector<std::string> tests;
  for (const ir::Test &test : rule.tests)
    tests.push_back(std::visit([](const auto &one) { return text(one); }, test));
  return llvm::join(tests, " ");
}

inline const ir::Rule &firstRule(const ParsedRules &rules) {
  for (const ir::Chain &chain : rules.rulesets.front().tables.front().chains)
    if (!chain.rules.empty())
      return chain.rules.front();
  throw std::runtime_error("no rule in this text");
}

/// What `-A INPUT WORDS` tests; a finding fails.
inline std::string tests(llvm::StringRef words, packet::Family family = packet::Family::IPv4) {
  ParsedRules rules = parsed(("-A INPUT " + words + "\n").str(), family);
  EXPECT_THAT(said(rules), testing::IsEmpty()) << words.str();
  return testsOf(firstRule(rules));
}

/// The one finding on `-A INPUT WORDS`, its column counted from the first of WORDS.
inline std::string refusal(llvm::StringRef words, packet::Family family = packet::Family::IPv4) {
  llvm::StringRef front = "-A INPUT ";
  ParsedRules rules = parsed((front + words + "\n").str(), family);
  EXPECT_TRUE(rules.incomplete) << words.str();
  EXPECT_EQ(rules.findings.size(), 1u) << words.str();
  if (rules.findings.empty())
    return "";
  EXPECT_TRUE(firstRule(rules).broken) << words.str();
  EXPECT_EQ(firstRule(rules).target.kind, ir::TargetKind::Opaque) << words.str();
  support::SourceRange at = rules.findings[0].at;
  return fmt::format("{}: {}", words.slice(at.begin - front.size(), at.end - front.size()).str(),
                     rules.findings[0].message);
}

} // namespace iptlint::parse
