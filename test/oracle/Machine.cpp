// Compares analysis with eval over all tables of rule sets made by chance.
//
//   iptlint-oracle-machine [--seed N] [--count N] [--show]
//
// Packets go through the tables of each hook in the kernel's order (Journey.h). No packet may
// hit a rule that analysis calls dead, whether in its table or because of others. Which rules are never
// hit is only a sample: how many of them analysis finds is printed, and must not be few.
#include "Arguments.h"
#include "DeadRules.h"
#include "RandomRuleset.h"
#include "parse/Parse.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;
using analysis::TableRule;

static constexpr unsigned kPackets = 4'000, kReports = 5, kSets = 300, kReducedBy = 5;
static constexpr double kLeastFound = 0.7; ///< of the rules that no packet of the sample hits

namespace {

struct Tally {
  size_t rules = 0, neverHit = 0, foundDead = 0, inMachine = 0, differences = 0;
};

} // namespace

static std::set<TableRule> hitByChance(const ir::Ruleset &ruleset, uint64_t seed) {
  std::set<TableRule> hit;
  ByChance chance(~seed);
  for (unsigned n = 0; n != kPackets; ++n)
    Journey(ruleset, worldOfRandom(), chance, [&](uint32_t table, ir::RuleId rule) {
      hit.insert({table, rule});
    }).run();
  return hit;
}

static void compare(uint64_t seed, bool show, Tally &tally) {
  std::string text = smallRuleset(seed);
  auto parsed = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4});
  const ir::Ruleset &ruleset = parsed.rulesets.front();
  if (parsed.incomplete) {
    fmt::print("seed {}: not read:\n{}", seed, text);
    ++tally.differences;
    return;
  }
  DeadRules dead = deadRules(ruleset);
  tally.inMachine += dead.inMachine.size();
  std::set<TableRule> hit = hitByChance(ruleset, seed);
  forEachRule(ruleset, [&](const TableRule &rule) {
    bool isHit = hit.count(rule), isDead = dead.all.count(rule);
    ++tally.rules;
    tally.neverHit += !isHit;
    tally.foundDead += isDead;
    tally.differences += isHit && isDead;
    if (isHit && isDead)
      fmt::print("seed {}: called dead, and hit: {}\n{}", seed, lineOf(ruleset, rule).str(), text);
    else if (show && !isHit && !isDead)
      fmt::print("seed {}: never hit, and not called dead: {}\n{}", seed, lineOf(ruleset, rule).str(), text);
  });
}

int main(int count, const char **words) {
  auto seeds =
      parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-machine", kSets, kReducedBy, true);
  if (!seeds)
    return 2;
  Tally tally;
  for (uint64_t seed = seeds->first; seed != seeds->end() && tally.differences < kReports; ++seed)
    compare(seed, seeds->show, tally);
  fmt::print("{} rules, {} never hit, {} called dead, {} of them because of other tables; {} differences\n",
             tally.rules, tally.neverHit, tally.foundDead, tally.inMachine, tally.differences);
  bool enough = double(tally.foundDead) >= kLeastFound * double(tally.neverHit) && tally.inMachine != 0;
  if (!enough)
    fmt::print("too few of those that are never hit are called dead\n");
  return tally.differences == 0 && enough ? 0 : 1;
}
