// Compares two texts of rules by eval alone: iptlint-oracle-alike ONE OTHER
//
// Packets are made for every rule of both, by what it and the rules that lead to it ask for, at the edges of that and next to them.
// Each must come to the same end in both, with the same effects, whatever conditions with state and policies that are not
// shown answer. Only a sample, unlike `iptlint verify`; but nothing of analysis and smt is in it. The share of rules that the packets
// hit is printed, and must not be small.
#include "RandomTable.h"
#include "Truth.h"
#include "parse/Parse.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/Support/Error.h"
#include <fmt/format.h>
#include <set>

using namespace iptlint;
using oracle::Dice;
using packet::Field;
using packet::Packet;
using packet::Value;

namespace {

constexpr unsigned kPacketsForRule = 200, kReports = 5;
constexpr double kLeastHit = 0.85;

/// Both texts get the same answer to the same question about the same packet.
class Steady : public eval::Oracle {
public:
  explicit Steady(uint64_t seed) : seed(seed) {}
  bool meets(const ir::OpaqueTest &test) override { return answer(test.text); }
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override { return answer(test.text, rewrites); }
  Value anyValue(Field field) override { return answer(packet::name(field)); }
  bool opaqueTargetEnds(const ir::Rule &rule) override { return answer(rule.target.name); }
  bool brokenRuleMatches(const ir::Rule &) override { return answer("broken"); }
  bool policyAccepts(const ir::Chain &chain) override { return answer(chain.name); }

private:
  bool answer(llvm::StringRef about, unsigned more = 0) const { return llvm::hash_combine(seed, about, more) & 1; }
  uint64_t seed;
};

/// Makes packets for the rules of one table.
class PacketMaker {
public:
  PacketMaker(const ir::Table &table, packet::Family family, Dice &dice) : table(table), family(family), dice(dice) {
    for (const ir::Chain &chain : table.chains)
      for (const ir::Rule &rule : chain.rules)
        for (const ir::Test &test : rule.tests)
          if (auto *range = std::get_if<ir::RangeTest>(&test))
            for (ir::Interval each : range->ranges)
              edges[unsigned(range->field)].insert(edges[unsigned(range->field)].end(), {each.lo, each.hi});
  }

  /// Nothing where no built-in chain leads to the rule.
  std::optional<Packet> make(ir::RuleId id) {
    std::vector<ir::RuleId> path{id};
    while (!table.chains[path.back().chain].hook) {
      std::vector<ir::RuleId> from = callersOf(path.back().chain);
      if (from.empty() || path.size() > table.chains.size())
        return std::nullopt;
      path.push_back(from[dice.roll(from.size())]);
    }
    Packet packet;
    packet.family = family;
    for (unsigned field = 0; field != packet::kFieldCount; ++field)
      if (!edges[field].empty() && dice.roll(2))
        packet.values[field] = edges[field][dice.roll(edges[field].size())];
    for (auto rule = path.rbegin(); rule != path.rend(); ++rule)
      for (const ir::Test &test : ruleAt(*rule).tests)
        meet(test, packet);
    packet[Field::Hook] = Value(*table.chains[path.back().chain].hook);
    return packet;
  }

private:
  const ir::Rule &ruleAt(ir::RuleId id) const { return table.chains[id.chain].rules[id.rule]; }

  std::vector<ir::RuleId> callersOf(uint32_t chain) const {
    std::vector<ir::RuleId> callers;
    for (uint32_t c = 0; c != table.chains.size(); ++c)
      for (uint32_t r = 0; r != table.chains[c].rules.size(); ++r)
        if (ruleAt({c, r}).target.chain == chain)
          callers.push_back({c, r});
    return callers;
  }

  /// Mostly; now and then the value is one next to what the test asks for.
  void meet(const ir::Test &test, Packet &packet) {
    if (auto *range = std::get_if<ir::RangeTest>(&test))
      meet(*range, packet);
    else if (auto *mask = std::get_if<ir::MaskTest>(&test))
      packet[mask->field] = (packet[mask->field] & ~mask->mask) | (mask->value ^ Value(strays() != mask->negated));
    else if (auto *opaque = std::get_if<ir::OpaqueTest>(&test))
      packet.assume[opaque->text.str()] = strays() == opaque->negated;
  }

  void meet(const ir::RangeTest &test, Packet &packet) {
    if (test.ranges.empty())
      return;
    ir::Interval range = test.ranges[dice.roll(test.ranges.size())];
    bool below = range.lo != 0, outside = strays() != test.negated;
    Value value = dice.roll(2) ? range.lo : range.hi;
    if (outside)
      value = below && (dice.roll(2) || range.hi == packet::maxValue(test.field, family)) ? range.lo - 1 : range.hi + 1;
    packet[test.orField && dice.roll(2) ? *test.orField : test.field] = std::min(value, packet::maxValue(test.field, family));
  }

  bool strays() { return dice.roll(12) == 0; }

  const ir::Table &table;
  packet::Family family;
  Dice &dice;
  /// By field, the ends of all ranges that rules ask for.
  std::array<std::vector<Value>, packet::kFieldCount> edges;
};

class Comparison {
public:
  Comparison(const ir::Table &one, const ir::Table &other, packet::Family family) : one(one), other(other), family(family) {}

  void run() {
    askFor(one);
    askFor(other);
  }

  unsigned packets = 0, rules = 0, hit = 0, differences = 0;

private:
  void askFor(const ir::Table &table) {
    Dice dice(1);
    PacketMaker maker(table, family, dice);
    std::set<ir::RuleId> hits;
    for (uint32_t c = 0; c != table.chains.size(); ++c)
      for (uint32_t r = 0; r != table.chains[c].rules.size(); ++r)
        for (unsigned n = 0; n != kPacketsForRule; ++n)
          if (auto packet = maker.make({c, r}))
            compare(table, *packet, dice.roll(~uint64_t(0)), hits);
    for (const ir::Chain &chain : table.chains)
      rules += chain.rules.size();
    hit += hits.size();
  }

  void compare(const ir::Table &table, const Packet &packet, uint64_t seed, std::set<ir::RuleId> &hits) {
    Steady answers(seed);
    eval::Outcome mine = eval::evaluate(one, packet, answers), theirs = eval::evaluate(other, packet, answers);
    for (const eval::Step &step : (&table == &one ? mine : theirs).steps)
      hits.insert(step.rule);
    ++packets;
    if (oracle::sameEnd(mine, theirs))
      return;
    if (++differences <= kReports)
      fmt::print("{}: {} and {}\n", packet::inIptablesWords(packet), mine.verdict, theirs.verdict);
  }

  const ir::Table &one, &other;
  packet::Family family;
};

const ir::Table *tableNamed(const ir::Ruleset &ruleset, llvm::StringRef name) {
  auto found = llvm::find_if(ruleset.tables, [&](const ir::Table &table) { return table.name == name; });
  return found == ruleset.tables.end() ? nullptr : &*found;
}

std::optional<parse::ParsedRules> read(const char *path) {
  auto source = support::Source::read(path);
  if (!source) {
    fmt::print(stderr, "{}\n", llvm::toString(source.takeError()));
    return std::nullopt;
  }
  auto parsed = parse::parseRules(*source, {.family = packet::Family::IPv4});
  if (parsed.incomplete || parsed.rulesets.size() != 1) {
    fmt::print(stderr, "{}: not one rule set, read without an error\n", path);
    return std::nullopt;
  }
  return parsed;
}

} // namespace

int main(int count, char **words) {
  if (count != 3)
    return 2;
  auto one = read(words[1]), other = read(words[2]);
  if (!one || !other)
    return 2;
  const ir::Ruleset &mine = one->rulesets.front(), &theirs = other->rulesets.front();
  unsigned tables = 0, packets = 0, rules = 0, hit = 0, differences = 0;
  for (const ir::Table &table : mine.tables) {
    const ir::Table *same = tableNamed(theirs, table.name);
    if (!same)
      continue;
    Comparison comparison(table, *same, mine.family);
    comparison.run();
    ++tables;
    packets += comparison.packets;
    rules += comparison.rules;
    hit += comparison.hit;
    differences += comparison.differences;
  }
  fmt::print("{} packets, {} of {} rules hit, {} differences\n", packets, hit, rules, differences);
  bool sameTables = tables == mine.tables.size() && tables == theirs.tables.size();
  if (!sameTables)
    fmt::print("not the same tables\n");
  return differences == 0 && sameTables && hit >= kLeastHit * rules && packets != 0 ? 0 : 1;
}
