// How large a program becomes, where rules may do anything or write what later ones read.
#include "analysis/CallGraph.h"
#include "analysis/Lower.h"
#include "parse/Parse.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace iptlint::analysis {

static size_t instructionsFor(const std::string &rules) {
  std::string text = "*mangle\n:FORWARD ACCEPT [0:0]\n" + rules + "COMMIT\n";
  parse::ParsedRules parsed = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4});
  const ir::Table &table = parsed.rulesets.front().tables.front();
  return lower(table, packet::Family::IPv4, buildCallGraph(table), /*defragmented=*/false, std::nullopt).code.size();
}

/// The default of ReachOptions::mostInstructions, what was promised before it was reached, and probes and ends.
static size_t mostFor(size_t rules) {
  return 2 * (5 * rules + 20'000);
}

TEST(Lower, RulesThatCannotBeReadAreNotFollowedInTheSquare) {
  constexpr size_t kRules = 4'000;
  std::string rules;
  for (size_t n = 0; n != kRules; ++n)
    rules += fmt::format("-A FORWARD -m nosuch --number {} -m mark --mark {} -j ACCEPT\n", n, n);
  EXPECT_LE(instructionsFor(rules), mostFor(kRules));
}

TEST(Lower, MarksThatAreSetByChanceAreNotFollowedInTheSquare) {
  constexpr size_t kRules = 4'000;
  std::string rules;
  for (size_t n = 0; n != kRules; n += 2)
    rules += fmt::format("-A FORWARD -m statistic --mode random --probability 0.5 -j MARK --set-mark {}\n"
                         "-A FORWARD -m mark --mark {} -j DROP\n", n, n);
  EXPECT_LE(instructionsFor(rules), mostFor(kRules));
}

} // namespace iptlint::analysis
