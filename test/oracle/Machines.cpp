// Compares what analysis says of all tables together with every packet's every way, on small machines.
//
//   iptlint-oracle-machines [--seed N] [--count N] [--show]      --seed is the number of the first rule set
//
// Every rule set of every family (SmallMachines.h), every packet of its small world, every choice of routing, conntrack
// and nat. No packet may hit a rule that is called dead, every rule that is named as a taker must get some packet, and
// every rule that is never hit must be called dead. One thing is left open on purpose: in raw, what asks for the flow
// counts as holding or not (docs/semantics.md). Where a rule of raw does, rules that are missed are counted and no
// more.
#include "Arguments.h"
#include "DeadRules.h"
#include "SmallMachines.h"
#include "parse/Parse.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;
using analysis::TableRule;

static constexpr unsigned kReports = 5, kReducedBy = 10;

namespace {

struct Tally {
  uint64_t sets = 0, rules = 0, neverHit = 0, inMachine = 0, journeys = 0, leftOpen = 0, differences = 0;
};

/// One rule set.
class Comparison {
public:
  Comparison(const ir::Ruleset &ruleset, std::string text, bool show, Tally &tally)
      : ruleset(ruleset), text(std::move(text)), show(show), tally(tally) {}
  void run();

private:
  void travel();
  void checkNamed(const analysis::DeadInMachine &dead);
  bool asksFlowInRaw() const;
  void complain(llvm::StringRef what, const TableRule &rule) {
    ++tally.differences;
    fmt::print("{}: {}\n{}", what.str(), lineOf(ruleset, rule).str(), text);
  }

  const ir::Ruleset &ruleset;
  std::string text;
  bool show;
  Tally &tally;
  std::set<TableRule> hit;
};

} // namespace

void Comparison::travel() {
  EveryWay ways;
  World world = worldOf(text);
  do {
    ways.begin();
    Journey(ruleset, world, ways, [&](uint32_t table, ir::RuleId rule) { hit.insert({table, rule}); }).run();
    ++tally.journeys;
  } while (ways.another());
}

/// Whether conditions of raw, or what is written there, hang on a flow that conntrack has not found yet.
bool Comparison::asksFlowInRaw() const {
  bool asks = false;
  forEachRule(ruleset, [&](const TableRule &rule) {
    llvm::StringRef line = lineOf(ruleset, rule);
    asks |= ruleset.tables[rule.table].name == "raw" && (line.contains("ctstate") || line.contains("CONNMARK"));
  });
  return asks;
}

void Comparison::checkNamed(const analysis::DeadInMachine &dead) {
  for (const TableRule &taker : dead.takers)
    if (!hit.count(taker) && !asksFlowInRaw())
      complain("named as a taker, but never hit", taker);
  if (dead.skipsNat && ruleset.tables[dead.rule.table].name != "nat")
    complain("said to be past nat, but stands in another table", dead.rule);
}

void Comparison::run() {
  DeadRules said = deadRules(ruleset);
  travel();
  ++tally.sets;
  tally.inMachine += said.inMachine.size();
  for (const analysis::DeadInMachine &dead : said.inMachine)
    checkNamed(dead);
  forEachRule(ruleset, [&](const TableRule &rule) {
    bool isHit = hit.count(rule), isDead = said.all.count(rule);
    ++tally.rules;
    tally.neverHit += !isHit;
    if (isHit && isDead)
      complain("called dead, and hit", rule);
    if (isHit || isDead)
      return;
    if (!asksFlowInRaw())
      return complain("never hit, but not called dead", rule);
    ++tally.leftOpen;
    if (show)
      fmt::print("never hit, and not called dead: {}\n{}", lineOf(ruleset, rule).str(), text);
  });
}

static void compare(const MachineFamily &family, uint64_t number, bool show, Tally &tally) {
  std::string text = family.text(number);
  auto parsed = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4});
  tally.differences += parsed.incomplete;
  Comparison(parsed.rulesets.front(), std::move(text), show, tally).run();
}

/// All families, one after the other, as one row of numbers.
static void compareFrom(const Seeds &seeds, uint64_t stride, std::vector<Tally> &tallies) {
  uint64_t before = 0;
  for (const MachineFamily &family : machineFamilies()) {
    Tally &tally = tallies.emplace_back();
    for (uint64_t number = 0; number != family.count() && tally.differences < kReports; ++number)
      if (uint64_t all = before + number; all >= seeds.first && all < seeds.end() && (all - seeds.first) % stride == 0)
        compare(family, number, seeds.show, tally);
    before += family.count();
  }
}

static void print(llvm::StringRef name, const Tally &tally) {
  fmt::print("{}: {} rule sets, {} rules, {} journeys: {} never hit, {} called dead because of other tables, {} left "
             "open; {} differences\n",
             name.str(), tally.sets, tally.rules, tally.journeys, tally.neverHit, tally.inMachine, tally.leftOpen,
             tally.differences);
}

int main(int count, const char **words) {
  uint64_t all = 0;
  for (const MachineFamily &family : machineFamilies())
    all += family.count();
  auto seeds = parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-machines", all + 1, 1, true);
  if (!seeds)
    return 2;
  if (count == 1)
    seeds->first = 0;
  std::vector<Tally> tallies;
  compareFrom(*seeds, isReduced() ? kReducedBy : 1, tallies);
  bool good = true;
  for (size_t i = 0; i != tallies.size(); ++i) {
    print(machineFamilies()[i].name, tallies[i]);
    good &= tallies[i].differences == 0;
  }
  return good ? 0 : 1;
}
