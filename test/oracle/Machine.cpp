// Compares analysis with eval over all tables of rule sets made by chance.
//
//   iptlint-oracle-machine [--seed N] [--count N]
//
// Packets are sent through the tables of each hook in the kernel's order, one table after the other by eval; what the
// kernel decides in between (routing, conntrack, whether nat is asked) is written out here by itself. No packet may
// hit a rule that analysis calls dead, whether in its table or because of others. Which rules are never
// hit is only a sample: how many of them analysis finds is printed, and must not be few.
#include "RandomTable.h"
#include "analysis/Machine.h"
#include "eval/Eval.h"
#include "parse/Parse.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cstdlib>
#include <fmt/format.h>
#include <set>

using namespace iptlint;
using analysis::TableRule;
using oracle::Dice;
using packet::Field;
using packet::Hook;
using packet::Packet;
using packet::Value;

namespace {

constexpr unsigned kPackets = 4'000, kReports = 5;
constexpr double kLeastFound = 0.7; ///< of the rules that no packet of the sample hits

// --- Rule sets

class RulesetWriter {
public:
  explicit RulesetWriter(uint64_t seed) : dice(seed) {}

  std::string write() {
    std::string text;
    for (llvm::StringRef table : {"raw", "mangle", "nat", "filter"})
      if (dice.roll(4))
        text += writeTable(table);
    return text.empty() ? "*filter\nCOMMIT\n" : text;
  }

private:
  static std::vector<llvm::StringRef> hooksOf(llvm::StringRef table) {
    if (table == "raw")
      return {"PREROUTING", "OUTPUT"};
    if (table == "nat")
      return {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"};
    if (table == "filter")
      return {"INPUT", "FORWARD", "OUTPUT"};
    return {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
  }

  std::string writeTable(llvm::StringRef table) {
    std::string text = "*" + table.str() + "\n", rules;
    for (llvm::StringRef hook : hooksOf(table)) {
      bool drops = table != "nat" && dice.roll(8) == 0;
      text += fmt::format(":{} {} [0:0]\n", hook, drops ? "DROP" : "ACCEPT");
      for (uint64_t n = dice.roll(5); n != 0; --n)
        rules += fmt::format("-A {}{} -j {}\n", hook, condition(hook), target(table, hook));
    }
    text += ":A - [0:0]\n";
    for (uint64_t n = dice.roll(4); n != 0; --n)
      rules += fmt::format("-A A{} -j {}\n", condition(""), target(table, ""));
    return text + rules + "COMMIT\n";
  }

  std::string condition(llvm::StringRef hook) {
    std::string text;
    if (dice.roll(3) == 0)
      text += fmt::format(" {}-s 10.0.0.{}", dice.roll(4) ? "" : "! ", dice.roll(3));
    if (dice.roll(3) == 0)
      text += fmt::format(" -d 10.0.0.{}", dice.roll(3));
    if (dice.roll(4) == 0 && (hook == "PREROUTING" || hook == "INPUT" || hook == "FORWARD"))
      text += fmt::format(" -i {}", pick({"em1", "em2", "lo"}));
    if (dice.roll(4) == 0 && (hook == "FORWARD" || hook == "OUTPUT" || hook == "POSTROUTING"))
      text += fmt::format(" -o {}", pick({"em1", "em2", "lo"}));
    if (dice.roll(4) == 0)
      text += fmt::format(" -p tcp -m tcp --dport {}", 80 + dice.roll(2));
    if (dice.roll(4) == 0)
      text += fmt::format(" -m mark --mark {}", dice.roll(3));
    if (dice.roll(4) == 0)
      text += fmt::format(" -m conntrack --ctstate {}", pick({"NEW", "ESTABLISHED", "NEW,RELATED", "INVALID", "UNTRACKED"}));
    return text;
  }

  std::string target(llvm::StringRef table, llvm::StringRef hook) {
    if (dice.roll(3) == 0)
      return table == "nat" ? "ACCEPT" : pick({"DROP", "ACCEPT", "DROP"});
    if (table == "raw" && dice.roll(3) == 0)
      return "CT --notrack";
    if (table == "nat" && (hook == "PREROUTING" || hook == "OUTPUT") && dice.roll(2))
      return fmt::format("DNAT --to-destination 10.0.0.{}", dice.roll(3));
    if (table == "mangle" && dice.roll(2))
      return fmt::format("MARK --set-xmark {}/0xffffffff", dice.roll(3));
    return hook.empty() ? pick({"RETURN", "LOG", "ACCEPT"}) : pick({"A", "LOG", "A", "RETURN"});
  }

  std::string pick(std::initializer_list<const char *> words) { return words.begin()[dice.roll(words.size())]; }

  Dice dice;
};

// --- Packets

/// Answers by chance.
class Chance : public eval::Oracle {
public:
  explicit Chance(Dice &dice) : dice(dice) {}
  bool meets(const ir::OpaqueTest &) override { return dice.roll(2); }
  bool holdsAfterRewrite(const ir::OpaqueTest &, unsigned) override { return dice.roll(2); }
  Value anyValue(Field) override { return dice.roll(4); }
  bool opaqueTargetEnds(const ir::Rule &) override { return dice.roll(2); }
  bool brokenRuleMatches(const ir::Rule &) override { return dice.roll(2); }
  bool policyAccepts(const ir::Chain &) override { return dice.roll(2); }

private:
  Dice &dice;
};

/// A packet's way through the machine.
class Journey {
public:
  Journey(const ir::Ruleset &ruleset, Dice &dice, std::set<TableRule> &hit)
      : ruleset(ruleset), dice(dice), chance(dice), hits(&hit) {}

  void run() {
    packet[Field::Src] = 0x0a000000 + dice.roll(4);
    packet[Field::Dst] = 0x0a000000 + dice.roll(4);
    packet[Field::Proto] = dice.roll(2) ? 6 : 17;
    packet[Field::Dport] = 80 + dice.roll(3);
    packet[Field::Mark] = dice.roll(4);
    static constexpr packet::CtState states[] = {packet::CtState::New, packet::CtState::New, packet::CtState::Established,
                                                 packet::CtState::Related, packet::CtState::Invalid};
    state = Value(states[dice.roll(std::size(states))]);
    if (dice.roll(2))
      fromWire(dice.roll(2) ? "em1" : "em2", /*again=*/false);
    else
      ofOwn();
  }

private:
  /// \param again  a packet of the machine's own that comes back by lo.
  void fromWire(llvm::StringRef interface, bool again) {
    packet[Field::In] = packet::interfaceValue(interface);
    packet[Field::Out] = 0;
    if (!passes(Hook::Prerouting, {"raw", "mangle", "nat"}, !again))
      return;
    if (again || dice.roll(2)) {
      passes(Hook::Input, {"mangle", "filter", "nat"}, !again);
      return;
    }
    packet[Field::Out] = packet::interfaceValue(dice.roll(2) ? "em1" : "em2");
    if (passes(Hook::Forward, {"mangle", "filter"}, false))
      passes(Hook::Postrouting, {"mangle", "nat"}, true);
  }

  void ofOwn() {
    bool byLo = dice.roll(2);
    packet[Field::Out] = packet::interfaceValue(byLo ? "lo" : "em1");
    if (passes(Hook::Output, {"raw", "mangle", "nat", "filter"}, true) && passes(Hook::Postrouting, {"mangle", "nat"}, true) &&
        byLo)
      fromWire("lo", /*again=*/true);
  }

  bool passes(Hook hook, llvm::ArrayRef<llvm::StringRef> tables, bool natIsAsked) {
    packet[Field::Hook] = Value(hook);
    for (llvm::StringRef name : tables) {
      bool isRaw = name == "raw";
      if (name == "nat" && !natIsAsked)
        continue;
      if (name == "nat" && translatedOtherwise(hook))
        continue;
      if (name == "mangle" && !has(name) && dice.roll(2))
        packet[Field::Mark] = dice.roll(4);
      bool isFirst = isRaw && !tracked;
      packet[Field::CtState] = isFirst ? Value(packet::CtState::Invalid) : state;
      for (uint32_t t = 0; t != ruleset.tables.size(); ++t)
        if (ruleset.tables[t].name == name && !passesTable(t))
          return false;
      if (isFirst && packet[Field::CtState] == Value(packet::CtState::Untracked))
        state = Value(packet::CtState::Untracked);
      tracked |= isRaw;
    }
    tracked = true;
    packet[Field::CtState] = state;
    return true;
  }

  bool has(llvm::StringRef table) const {
    return llvm::any_of(ruleset.tables, [&](const ir::Table &of) { return of.name == table; });
  }

  /// Whether nat's rules are not asked about this packet, and what becomes of it then: a packet of an older flow is
  /// translated as conntrack has it, a later one of a flow that nothing has answered as its first packet was.
  bool translatedOtherwise(Hook hook) {
    bool isNew = state < Value(packet::CtState::Established), isRelated = state >= Value(packet::CtState::Related);
    if (state >= Value(packet::CtState::Invalid))
      return true;
    bool changesDestination = hook == Hook::Prerouting || hook == Hook::Output;
    if (!has("nat") || (!isNew && !(isRelated && dice.roll(2)))) {
      if (changesDestination && dice.roll(2))
        packet[Field::Dst] = 0x0a000000 + dice.roll(4);
      return true;
    }
    if (!changesDestination || dice.roll(3))
      return false;
    Journey first(*this);
    std::set<TableRule> unseen;
    first.hits = &unseen;
    first.packet[Field::Mark] = dice.roll(4);
    if (hook == Hook::Prerouting)
      first.packet[Field::In] = packet::interfaceValue(dice.roll(2) ? "em1" : "em2");
    first.packet[Field::CtState] = Value(packet::CtState::New);
    for (uint32_t t = 0; t != ruleset.tables.size(); ++t)
      if (ruleset.tables[t].name == "nat")
        first.passesTable(t);
    packet[Field::Dst] = first.packet[Field::Dst];
    state |= first.state & packet::kCtDnat;
    return true;
  }

  bool passesTable(uint32_t t) {
    eval::Outcome outcome = eval::evaluate(ruleset.tables[t], packet, chance);
    for (const eval::Step &step : outcome.steps)
      hits->insert({t, step.rule});
    packet = outcome.packet;
    if (outcome.decidedBy && outcome.verdict != "ACCEPT" && outcome.verdict != "DROP")
      translate(ruleset.tables[t].chains[outcome.decidedBy->chain].rules[outcome.decidedBy->rule]);
    return outcome.verdict != "DROP";
  }

  /// DNAT to one address is all that the rule sets have.
  void translate(const ir::Rule &rule) {
    auto [before, address] = rule.target.options.rsplit('.');
    Value last = 0;
    llvm::StringRef digits = address;
    for (char digit : digits)
      last = last * 10 + unsigned(digit - '0');
    packet[Field::Dst] = 0x0a000000 + last;
    state |= packet::kCtDnat;
  }

  const ir::Ruleset &ruleset;
  Dice &dice;
  Chance chance;
  std::set<TableRule> *hits;
  Packet packet;
  Value state = 0;
  bool tracked = false; ///< conntrack has seen it
};

// --- Comparing

struct Tally {
  unsigned rules = 0, neverHit = 0, foundDead = 0, inMachine = 0, differences = 0;
};

std::set<TableRule> deadRules(const ir::Ruleset &ruleset, Tally &tally) {
  std::vector<const ir::Table *> tables;
  std::vector<analysis::CallGraph> graphs(ruleset.tables.size());
  std::vector<analysis::TableReach> alone(ruleset.tables.size());
  std::vector<const analysis::CallGraph *> graphsOf;
  std::vector<const analysis::TableReach *> aloneOf;
  std::set<TableRule> dead;
  for (uint32_t t = 0; t != ruleset.tables.size(); ++t) {
    const ir::Table &table = ruleset.tables[t];
    graphs[t] = analysis::buildCallGraph(table);
    alone[t] = analysis::computeReach(table, ruleset.family, graphs[t], {.explain = false});
    tables.push_back(&table);
    graphsOf.push_back(&graphs[t]);
    aloneOf.push_back(&alone[t]);
    for (uint32_t c = 0; c != table.chains.size(); ++c)
      for (uint32_t r = 0; r != table.chains[c].rules.size(); ++r)
        if (alone[t][{c, r}].status == analysis::Status::Dead)
          dead.insert({t, {c, r}});
  }
  for (const analysis::DeadInMachine &more : analysis::computeMachine(tables, ruleset.family, graphsOf, aloneOf, {})) {
    dead.insert(more.rule);
    ++tally.inMachine;
  }
  return dead;
}

void compare(uint64_t seed, bool show, Tally &tally) {
  std::string text = RulesetWriter(seed).write();
  auto parsed = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4});
  const ir::Ruleset &ruleset = parsed.rulesets.front();
  if (parsed.incomplete) {
    fmt::print("seed {}: not read:\n{}", seed, text);
    ++tally.differences;
    return;
  }
  std::set<TableRule> dead = deadRules(ruleset, tally), hit;
  Dice dice(~seed);
  for (unsigned n = 0; n != kPackets; ++n)
    Journey(ruleset, dice, hit).run();
  for (uint32_t t = 0; t != ruleset.tables.size(); ++t)
    for (uint32_t c = 0; c != ruleset.tables[t].chains.size(); ++c)
      for (uint32_t r = 0; r != ruleset.tables[t].chains[c].rules.size(); ++r) {
        TableRule rule{t, {c, r}};
        ++tally.rules;
        tally.neverHit += !hit.count(rule);
        tally.foundDead += dead.count(rule);
        bool differs = hit.count(rule) && dead.count(rule);
        tally.differences += differs;
        auto line = ruleset.lineColumn(ruleset.tables[t].chains[c].rules[r].at).line;
        if (differs)
          fmt::print("seed {}: line {} is called dead, and hit:\n{}", seed, line, text);
        else if (show && !hit.count(rule) && !dead.count(rule))
          fmt::print("seed {}: line {} is never hit, and not called dead:\n{}", seed, line, text);
      }
}

} // namespace

int main(int count, char **words) {
  uint64_t seed = 1, sets = std::getenv("IPTLINT_REDUCED") ? 60 : 300;
  bool show = false;
  for (int i = 1; i < count; ++i) {
    llvm::StringRef word = words[i];
    show |= word == "--show";
    if ((word == "--seed" || word == "--count") && i + 1 < count)
      llvm::StringRef(words[++i]).getAsInteger(10, word == "--seed" ? seed : sets);
  }
  Tally tally;
  for (uint64_t s = seed; s != seed + sets && tally.differences < kReports; ++s)
    compare(s, show, tally);
  fmt::print("{} rules, {} never hit, {} called dead, {} of them because of other tables; {} differences\n", tally.rules,
             tally.neverHit, tally.foundDead, tally.inMachine, tally.differences);
  bool enough = tally.foundDead >= kLeastFound * tally.neverHit && tally.inMachine != 0;
  if (!enough)
    fmt::print("too few of those that are never hit are called dead\n");
  return tally.differences == 0 && enough ? 0 : 1;
}
