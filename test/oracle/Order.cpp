// Compares what analysis says of the order of rules with eval, on tables made by chance.
//
//   iptlint-oracle-order [--seed N] [--count N]
//
// What is said is done: rules are merged, moved, taken out, and every packet must fare as before; the packets that
// overlaps show are sent. Only tables count of which all packets can be tried. To each some rules are added that differ
// from one of its rules in an address or a port, so that there is something to merge. The seed of each table that
// differs is printed.
#include "Arguments.h"
#include "Palette.h"
#include "RandomTable.h"
#include "Truth.h"
#include "analysis/Lower.h"
#include "analysis/Moves.h"
#include "analysis/Reach.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;
using ir::RuleId;

static constexpr double kAllBelow = 5'000;
static constexpr uint64_t kCount = 5'000;
static constexpr unsigned kReports = 5;
static constexpr unsigned kReducedBy = 20;

namespace {

/// How often each thing was said.
struct Tally {
  uint64_t tables = 0, merges = 0, moves = 0, generals = 0, overlaps = 0, jumps = 0, idle = 0, idleMissed = 0;
};

/// What is said of one table.
class Order {
public:
  Order(const ir::Table &table, Universe universe, Tally &tally)
      : table(table), universe(std::move(universe)), tally(tally), graph(analysis::buildCallGraph(table)),
        traces(tracesOf(table, this->universe)) {
    analysis::ReachOptions options;
    options.extras = {.merges = true, .exceptions = true, .overlaps = true, .delays = false};
    reach = analysis::computeReach(table, this->universe.space.family, graph, options);
  }

  /// What is wrong; empty if nothing is.
  std::string run();

private:
  void checkMerges();
  void checkMoves();
  void checkGenerals();
  void checkException(RuleId general, RuleId exception);
  void checkOverlaps();
  void checkJumps();
  bool staysSo(const ir::Table &other) const { return fareAlike(table, traces, other, universe); }
  void complain(std::string text) {
    if (complaint.empty())
      complaint = std::move(text);
  }

  const ir::Table &table;
  Universe universe;
  Tally &tally;
  analysis::CallGraph graph;
  std::vector<Trace> traces;
  analysis::TableReach reach;
  std::string complaint;
};

} // namespace

// --- tables

/// Another value of the test, such as one that together with it makes one prefix.
static bool vary(ir::Test &test, Dice &dice) {
  auto *range = std::get_if<ir::RangeTest>(&test);
  if (!range || range->negated || range->orField || range->ranges.size() != 1)
    return false;
  ir::Interval &values = range->ranges.front();
  packet::Value size = values.hi - values.lo + 1;
  if (range->field == Field::Src || range->field == Field::Dst) {
    values.lo ^= size;
    values.hi ^= size;
    return true;
  }
  if (range->field != Field::Dport && range->field != Field::Sport)
    return false;
  values.lo = values.hi = dice.roll(2) ? 81 : 1024;
  return true;
}

static void addVariants(ir::Table &table, Dice &dice) {
  for (ir::Chain &chain : table.chains)
    for (unsigned tries = 0; tries != 4 && !chain.rules.empty(); ++tries) {
      size_t from = dice.roll(chain.rules.size());
      ir::Rule rule = chain.rules[from];
      if (!rule.tests.empty() && vary(rule.tests[dice.roll(rule.tests.size())], dice))
        chain.rules.insert(chain.rules.begin() + from + 1 + dice.roll(std::min<size_t>(3, chain.rules.size() - from)),
                           rule);
    }
}

// --- what is said, done

static ir::Table merged(const ir::Table &table, const analysis::Merge &merge) {
  ir::Table other = table;
  std::vector<ir::Rule> &rules = other.chains[merge.rules.front().chain].rules;
  for (ir::Test &test : rules[merge.rules.front().rule].tests)
    if (auto *range = std::get_if<ir::RangeTest>(&test); range && range->field == merge.field)
      range->ranges = merge.ranges;
  for (size_t i = merge.rules.size(); i-- != 1;)
    rules.erase(rules.begin() + merge.rules[i].rule);
  return other;
}

void Order::checkMerges() {
  for (const analysis::Merge &merge : reach.merges) {
    ++tally.merges;
    if (!staysSo(merged(table, merge)))
      complain(
          fmt::format("{} rules cannot be merged with {}", merge.rules.size(), textOf(table, merge.rules.front())));
  }
}

void Order::checkMoves() {
  analysis::Program program = analysis::lower(table, universe.space.family, graph, false);
  analysis::Moves moves(program, table, graph);
  for (RuleId id{0, 0}; id.chain != table.chains.size(); ++id.chain)
    for (id.rule = 1; id.rule < table.chains[id.chain].rules.size(); ++id.rule)
      for (uint32_t to = 0; to != id.rule; ++to) {
        if (!moves.mayMoveUp(id, to))
          continue;
        ++tally.moves;
        ir::Table other = table;
        auto rules = other.chains[id.chain].rules.begin();
        std::rotate(rules + to, rules + id.rule, rules + id.rule + 1);
        if (!staysSo(other))
          return complain(fmt::format("it cannot move up to {}: {}", to, textOf(table, id)));
      }
}

/// Without the exception, and with what decides between the two letting go on, the other one gets its packets. Chains
/// that are called between may take them.
void Order::checkException(RuleId general, RuleId exception) {
  ++tally.generals;
  ir::Table other = table;
  std::vector<ir::Rule> &rules = other.chains[general.chain].rules;
  for (uint32_t r = exception.rule; r != general.rule; ++r) {
    ir::TargetKind kind = rules[r].target.kind;
    if (kind == ir::TargetKind::Jump || kind == ir::TargetKind::Goto)
      return;
    if (kind != ir::TargetKind::Continue)
      rules[r].target = {};
  }
  for (const Packet &packet : universe.packets)
    if (someRunHits(table, universe.space, packet, exception) && !someRunHits(other, universe.space, packet, general))
      return complain(
          fmt::format("not all packets of {} are those of {}", textOf(table, exception), textOf(table, general)));
}

void Order::checkGenerals() {
  for (const analysis::General &general : reach.generals)
    for (RuleId exception : general.exceptions)
      checkException(general.rule, exception);
}

void Order::checkOverlaps() {
  for (const analysis::Overlap &overlap : reach.overlaps)
    for (const analysis::Overlap::Other &other : overlap.others) {
      ++tally.overlaps;
      RuleId moved{other.rule.chain, other.rule.rule - 1};
      if (!someRunHits(table, universe.space, *other.packet, overlap.rule))
        complain(fmt::format("the packet does not get to {}: {}", textOf(table, overlap.rule),
                             packet::inIptablesWords(*other.packet)));
      if (!someRunHits(without(table, overlap.rule), universe.space, *other.packet, moved))
        complain(fmt::format("the packet would not get to {}: {}", textOf(table, other.rule),
                             packet::inIptablesWords(*other.packet)));
    }
}

void Order::checkJumps() {
  for (RuleId id{0, 0}; id.chain != table.chains.size(); ++id.chain)
    for (id.rule = 0; id.rule != table.chains[id.chain].rules.size(); ++id.rule) {
      if (table.chains[id.chain].rules[id.rule].target.kind != ir::TargetKind::Jump ||
          reach[id].status != analysis::Status::Live)
        continue;
      bool truly = staysSo(without(table, id));
      ++tally.jumps;
      tally.idle += reach[id].leadsToNothing;
      tally.idleMissed += truly && !reach[id].leadsToNothing;
      if (reach[id].leadsToNothing && !truly)
        complain(fmt::format("it does lead to something: {}", textOf(table, id)));
    }
}

std::string Order::run() {
  ++tally.tables;
  checkMerges();
  checkMoves();
  checkGenerals();
  checkOverlaps();
  checkJumps();
  return complaint;
}

// --- all tables

/// Prints the first difference in the table of this seed; false if there is one.
static bool agreeOn(uint64_t seed, Tally &tally) {
  RandomTable random = randomTable(seed);
  Dice dice(seed + 1);
  addVariants(random.table, dice);
  Space space = spaceOf(random.table);
  if (packetCount(space) >= kAllBelow)
    return true;
  std::string complaint = Order(random.table, Universe(std::move(space)), tally).run();
  if (!complaint.empty())
    fmt::print("seed {}\n{}{}\n", seed, textOf(random.table), complaint);
  return complaint.empty();
}

int main(int count, const char **words) {
  auto seeds = parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-order", kCount, kReducedBy);
  if (!seeds)
    return 2;
  Tally tally;
  unsigned differences = 0;
  for (uint64_t seed = seeds->first; seed != seeds->end() && differences < kReports; ++seed)
    differences += !agreeOn(seed, tally);
  fmt::print("{} rule sets: {} merges, {} moves, {} exceptions, {} overlaps; of {} jumps {} lead to nothing, {} more "
             "do so unsaid\n",
             tally.tables, tally.merges, tally.moves, tally.generals, tally.overlaps, tally.jumps, tally.idle,
             tally.idleMissed);
  bool enough = seeds->count < 1'000 || (tally.merges && tally.moves && tally.generals && tally.overlaps && tally.idle);
  return differences == 0 && enough ? 0 : 1;
}
