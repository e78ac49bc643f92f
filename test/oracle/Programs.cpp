// Compares analysis with eval on whole programs: rule sets of several tables in which everything comes together.
//
//   iptlint-oracle-programs [--seed N] [--count N] [--show]
//
// Jumps, gotos and RETURNs, marks of packets and flows, translations, header fields, functions of the packet and
// conditions with state, in all tables at once. Each table by itself is compared as the small worlds are: a live rule's
// witness must hit it, a dead one must not be hit by any packet, and none may be unknown. Of all together, no packet's
// journey may hit a rule that is called dead. Each program's seed is printed where it differs. Left out is how packets
// of dead rules fare otherwise: random tables and small worlds have that.
#include "Arguments.h"
#include "DeadRules.h"
#include "Palette.h"
#include "RandomRuleset.h"
#include "Sampling.h"
#include "parse/Parse.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;
using analysis::TableRule;

static constexpr unsigned kPackets = 4'000, kReports = 5;
/// A run by hand takes 10,000 or more.
static constexpr uint64_t kCount = 250;
static constexpr unsigned kReducedBy = 10;

namespace {

struct Programs {
  bool show = false;
  Tally exact = {}, sampled = {};
  size_t programs = 0, rules = 0, dead = 0, inMachine = 0, neverHit = 0, differences = 0;

  void compare(uint64_t seed);

private:
  void compareTables(const ir::Ruleset &ruleset, uint64_t seed);
  void compareTogether(const ir::Ruleset &ruleset, uint64_t seed, llvm::StringRef text);
};

} // namespace

void Programs::compareTables(const ir::Ruleset &ruleset, uint64_t seed) {
  for (const ir::Table &table : ruleset.tables) {
    Trial trial = trialOf(table, seed);
    if (trial.universe.packets.empty())
      continue;
    trial.effort.agreement = false;
    auto complaint = oracle::compare(table, trial.universe, trial.effort, trial.effort.exact ? exact : sampled);
    if (!complaint)
      continue;
    ++differences;
    fmt::print("seed {}, table {}\n{}\n", seed, table.name.str(), textOf(table, *complaint));
  }
}

static std::set<std::string> functionsOf(const ir::Ruleset &ruleset) {
  std::set<std::string> functions;
  forEachRule(ruleset, [&](const TableRule &id) {
    for (const ir::Test &test : ruleset.tables[id.table].chains[id.rule.chain].rules[id.rule.rule].tests)
      if (auto *opaque = std::get_if<ir::OpaqueTest>(&test); opaque && opaque->opacity == ir::Opacity::Function)
        functions.insert(opaque->text.str());
  });
  return functions;
}

static std::set<TableRule> hitByChance(const ir::Ruleset &ruleset, uint64_t seed) {
  std::set<TableRule> hit;
  World world = worldOfRandom();
  std::set<std::string> functions = functionsOf(ruleset);
  world.functions.assign(functions.begin(), functions.end());
  ByChance chance(~seed);
  for (unsigned n = 0; n != kPackets; ++n)
    Journey(ruleset, world, chance, [&](uint32_t table, ir::RuleId rule) { hit.insert({table, rule}); }).run();
  return hit;
}

void Programs::compareTogether(const ir::Ruleset &ruleset, uint64_t seed, llvm::StringRef text) {
  DeadRules said = deadRules(ruleset);
  std::set<TableRule> hit = hitByChance(ruleset, seed);
  dead += said.all.size();
  inMachine += said.inMachine.size();
  forEachRule(ruleset, [&](const TableRule &rule) {
    ++rules;
    neverHit += !hit.count(rule);
    bool differs = hit.count(rule) && said.all.count(rule);
    differences += differs;
    if (differs)
      fmt::print("seed {}: called dead, and hit: {}\n{}", seed, lineOf(ruleset, rule).str(), text.str());
    else if (show && !hit.count(rule) && !said.all.count(rule))
      fmt::print("seed {}: never hit, and not called dead: {}\n{}", seed, lineOf(ruleset, rule).str(), text.str());
  });
}

void Programs::compare(uint64_t seed) {
  std::string text = richRuleset(seed);
  auto parsed = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4});
  ++programs;
  if (parsed.incomplete) {
    fmt::print("seed {}: not read:\n{}", seed, text);
    ++differences;
    return;
  }
  compareTables(parsed.rulesets.front(), seed);
  compareTogether(parsed.rulesets.front(), seed, text);
}

int main(int count, const char **words) {
  auto seeds =
      parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-programs", kCount, kReducedBy, true);
  if (!seeds)
    return 2;
  Programs all{.show = seeds->show};
  for (uint64_t seed = seeds->first; seed != seeds->end() && all.differences < kReports; ++seed)
    all.compare(seed);
  fmt::print("seeds {} to {}\ntables by themselves, every packet: {}\nsampled packets: {}\nnone is unknown\n",
             seeds->first, seeds->end() - 1, textOf(all.exact), textOf(all.sampled));
  fmt::print(
      "tables together: {} rules of {} programs, {} never hit, {} called dead, {} of them because of other tables; {} "
      "differences\n",
      all.rules, all.programs, all.neverHit, all.dead, all.inMachine, all.differences);
  bool everythingOccurred = all.exact.live && all.exact.taken && all.sampled.live && all.inMachine;
  return all.differences == 0 && everythingOccurred ? 0 : 1;
}
