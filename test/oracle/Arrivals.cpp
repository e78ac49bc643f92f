// Compares the solver with analysis, rule by rule, on tables made by chance.
//
//   iptlint-oracle-arrivals [--seed N] [--count N]
//
// What analysis calls live, a packet must get to, and what it calls dead, none. The rules that it names as takers must leave
// a dead rule no packet by themselves, and without any one of them some packet must get there: then a certificate
// of theirs claims neither too much nor too little.
#include "Arguments.h"
#include "RandomTable.h"
#include "Palette.h"
#include "analysis/Reach.h"
#include "smt/Arrival.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;

using analysis::RuleReach;
using analysis::Status;
using ir::RuleId;
using smt::Arrives;

static constexpr uint64_t kCount = 60;
static constexpr unsigned kReducedBy = 4;
static constexpr std::chrono::milliseconds kBudget{60'000};

namespace {

struct Tally {
  uint64_t live = 0, dead = 0, byConditions = 0, takers = 0, spared = 0, wrong = 0;
};

/// One table, asked about all of its rules.
class Comparison {
public:
  Comparison(uint64_t seed, Tally &tally) : seed(seed), tally(tally), random(randomTable(seed)) {
    ruleset.tables.push_back(random.table);
  }

  void run() {
    const ir::Table &table = ruleset.tables.front();
    smt::Arrivals arrivals(ruleset, table);
    analysis::ReachOptions options;
    options.defragmented = analysis::usesConntrack(table);
    analysis::TableReach reach = analysis::computeReach(table, ruleset.family, analysis::buildCallGraph(table), options);
    for (id.chain = 0; id.chain != table.chains.size(); ++id.chain)
      for (id.rule = 0; id.rule != table.chains[id.chain].rules.size(); ++id.rule)
        compare(arrivals, reach[id]);
  }

private:
  void compare(const smt::Arrivals &arrivals, const RuleReach &said) {
    tally.live += said.status == Status::Live;
    tally.dead += said.status == Status::Dead;
    Arrives expected = said.status == Status::Live ? Arrives::Yes : said.status == Status::Dead ? Arrives::No : Arrives::Unknown;
    expect(arrivals.ask(id, kBudget).answer, expected, "of the rule");
    if (said.status == Status::Dead && claimsTakers(said))
      compareTakers(arrivals, said);
  }

  /// Whether the takers are those of the rule's packets. The first rule of a run that no packet arrives at has those of all that
  /// would arrive.
  static bool claimsTakers(const RuleReach &said) {
    bool isOfRule = said.because == analysis::DeadBecause::Taken || said.because == analysis::DeadBecause::NotArriving;
    return isOfRule && !said.takersIncomplete;
  }

  void compareTakers(const smt::Arrivals &arrivals, const RuleReach &said) {
    std::set<RuleId> takers;
    for (const analysis::Taker &taker : said.takers)
      takers.insert(taker.rule);
    tally.byConditions += takers.empty();
    tally.takers += takers.size();
    expect(arrivals.askWith(id, takers, kBudget).answer, Arrives::No, "with its takers alone");
    for (RuleId spared : takers) {
      std::set<RuleId> rest = takers;
      rest.erase(spared);
      ++tally.spared;
      expect(arrivals.askWith(id, rest, kBudget).answer, Arrives::Yes, "without one of its takers");
    }
  }

  void expect(Arrives answer, Arrives expected, const char *what) {
    if (answer == expected)
      return;
    ++tally.wrong;
    static constexpr const char *names[] = {"yes", "no", "unknown"};
    fmt::print("seed {}\n{}of the rule {}\nthe solver says {} {}, where analysis has it that {}\n", seed, textOf(random.table),
               textOf(random.table, id), names[unsigned(answer)], what, names[unsigned(expected)]);
  }

  uint64_t seed;
  Tally &tally;
  RandomTable random;
  ir::Ruleset ruleset;
  RuleId id;
};

} // namespace

int main(int count, const char **words) {
  auto seeds = parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-arrivals", kCount, kReducedBy);
  if (!seeds)
    return 2;
  Tally tally;
  for (uint64_t seed = seeds->first; seed != seeds->end() && tally.wrong == 0; ++seed)
    Comparison(seed, tally).run();
  fmt::print("seeds {} to {}: {} live rules, {} dead ones, {} of them by conditions alone, {} takers, {} times one was spared\n",
             seeds->first, seeds->end() - 1, tally.live, tally.dead, tally.byConditions, tally.takers, tally.spared);
  bool enough = tally.live != 0 && tally.spared != 0;
  return tally.wrong == 0 && enough ? 0 : 1;
}
