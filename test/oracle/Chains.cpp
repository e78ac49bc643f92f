// Compares tables made by chance with what the pass tree-chains makes of them, by eval.
//
//   iptlint-oracle-chains [--seed N] [--count N]
//
// Each packet of each table goes through the chains as they were and as they are written, with the same answers to what
// is not known: verdict, effects, the packet in the end and all that was asked about state must be the same. Where all
// classes of packets are few enough, every packet is tried; where not, a sample. What rules and chains are said to cost
// differs from seed to seed. The seed of each table that differs is
// printed; --seed N --count 1 shows it again.
#include "Arguments.h"
#include "Palette.h"
#include "RandomTable.h"
#include "Replay.h"
#include "Sampling.h"
#include "pass/Registry.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;

constexpr unsigned kReports = 5;
constexpr uint64_t kCount = 600;
constexpr unsigned kReducedBy = 10;

namespace {

struct Sums {
  uint64_t tables = 0, runs = 0, rewritten = 0, chains = 0;
};

} // namespace

/// Every word by itself, as the parser has them.
static ir::Ruleset rulesetOf(ir::Table table) {
  for (ir::Chain &chain : table.chains)
    for (ir::Rule &rule : chain.rules) {
      std::vector<llvm::StringRef> words;
      for (llvm::StringRef word : rule.words) {
        llvm::SmallVector<llvm::StringRef, 8> parts;
        word.split(parts, ' ', -1, /*KeepEmpty=*/false);
        words.insert(words.end(), parts.begin(), parts.end());
      }
      rule.words = std::move(words);
    }
  ir::Ruleset ruleset;
  ruleset.strings = std::make_shared<llvm::BumpPtrAllocator>();
  ruleset.tables.push_back(std::move(table));
  return ruleset;
}

static ir::Ruleset rewritten(const ir::Ruleset &ruleset, uint64_t seed) {
  Dice dice(seed ^ 0x636861696e73);
  static constexpr unsigned fanOuts[] = {2, 3, 8, 16};
  pass::Record record;
  // Of small tables trees save nothing; where a chain costs less than nothing, they are made all the same.
  record.costs = {4, -double(dice.roll(100)), fanOuts[dice.roll(4)]};
  return pass::findPass("tree-chains")->run(ruleset, record);
}

static std::string difference(const ir::Table &before, const ir::Table &after, const Packet &packet,
                              eval::Oracle &answers) {
  Recording recording(answers);
  eval::Outcome was = eval::evaluate(before, packet, recording);
  Replay replay(recording);
  eval::Outcome is = eval::evaluate(after, packet, replay);
  if (sameEnd(was, is) && replay.sameQuestions())
    return "";
  return fmt::format("{}\n  before: {} {}\n  after:  {} {}{}\n", packet::inIptablesWords(packet), was.verdict,
                     fmt::join(was.effects, ", "), is.verdict, fmt::join(is.effects, ", "),
                     replay.sameQuestions() ? "" : ", and asks otherwise");
}

/// The first packet that differs; empty if none does.
static std::string firstDifference(const ir::Table &before, const ir::Table &after, const Universe &universe,
                                   Sums &sums) {
  for (const Packet &packet : universe.packets) {
    EveryAnswer answers(universe.space);
    do {
      answers.begin();
      if (std::string text = difference(before, after, packet, answers); !text.empty())
        return text;
      ++sums.runs;
    } while (answers.another());
  }
  return "";
}

static bool agreeOn(uint64_t seed, Sums &sums) {
  RandomTable random = randomTable(seed);
  ir::Ruleset before = rulesetOf(random.table), after = rewritten(before, seed);
  const ir::Table &was = before.tables.front(), &is = after.tables.front();
  ++sums.tables;
  sums.rewritten += is.chains.size() != was.chains.size();
  sums.chains += is.chains.size() - was.chains.size();
  std::string text = firstDifference(was, is, trialOf(was, seed).universe, sums);
  if (!text.empty())
    fmt::print("seed {}\n{}{}{}\n", seed, textOf(was), textOf(is), text);
  return text.empty();
}

int main(int count, const char **words) {
  auto seeds = parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-chains", kCount, kReducedBy);
  if (!seeds)
    return 2;
  Sums sums;
  unsigned differences = 0;
  for (uint64_t seed = seeds->first; seed != seeds->end() && differences < kReports; ++seed)
    differences += !agreeOn(seed, sums);
  fmt::print("seeds {} to {}: {} tables, {} runs; {} tables rewritten, with {} chains more\n", seeds->first,
             seeds->end() - 1, sums.tables, sums.runs, sums.rewritten, sums.chains);
  bool enough = sums.tables == seeds->count && sums.rewritten * 4 >= sums.tables;
  return differences == 0 && enough ? 0 : 1;
}
