// Compares decision trees with eval on tables made by chance.
//
//   iptlint-oracle-trees [--seed N] [--count N]
//
// Each packet of each table goes through the chain and through its tree, with the same answers to what is not known:
// verdict, effects, the packet in the end, and all that was asked about state must be the same, and the tree may not
// ask about a function that the chain does not ask about. Where all classes of packets are few enough, every packet is
// tried; where not, a sample. The trees are built with budgets, costs and counters that differ from seed to seed. The
// seed of each table that differs is printed; --seed N --count 1 shows it again.
#include "Arguments.h"
#include "Palette.h"
#include "RandomTable.h"
#include "Replay.h"
#include "Sampling.h"
#include "TreeWalk.h"
#include "tree/Build.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;

namespace {

constexpr unsigned kReports = 5;
constexpr uint64_t kCount = 600;
constexpr unsigned kReducedBy = 10;
/// A target that is not modelled gives every field any value: more ways than can be tried.
constexpr unsigned kMostRuns = 48;

/// What was compared, so that a run in which trees were but lists can be told.
struct Sums {
  uint64_t tables = 0, runs = 0, tests = 0, leaves = 0, shared = 0, budget = 0, evaluated = 0, blocks = 0, decided = 0,
           whole = 0;
};

struct Subject {
  RandomTable random;
  bool hasOpaque = false;
  tree::BuildOptions options;
};

} // namespace

/// Counters, a target that is not modelled in some tables, and what the trees are built with.
static Subject subjectOf(uint64_t seed) {
  Dice dice(seed ^ 0x7265657472656574);
  Subject subject;
  subject.random = randomTable(seed);
  bool counted = dice.roll(2) != 0;
  for (ir::Chain &chain : subject.random.table.chains)
    for (ir::Rule &rule : chain.rules) {
      if (counted)
        rule.counters = ir::Counters{dice.roll(1000), 0};
      if (dice.roll(150) != 0)
        continue;
      rule.target = unmodelled().target;
      subject.hasOpaque = true;
    }
  static constexpr std::optional<size_t> lists[] = {0, 0, 1, 3, std::nullopt};
  static constexpr size_t budgets[] = {4, 30, 300, 3000, 3000};
  static constexpr unsigned fanOuts[] = {2, 3, 8, 16};
  subject.options.goal = {{4, double(dice.roll(30)), fanOuts[dice.roll(4)]}, lists[dice.roll(5)]};
  subject.options.mostNodes = budgets[dice.roll(5)];
  subject.options.goal.asRules = dice.roll(2) != 0;
  if (dice.roll(4) == 0)
    subject.options.mostDepth = unsigned(dice.roll(4));
  static constexpr unsigned nestings[] = {0, 1, 2, 64, 64, 64};
  subject.options.follow.nested = nestings[dice.roll(6)];
  return subject;
}

static void countList(const tree::List &list, Sums &sums) {
  for (const tree::Entry &entry : list) {
    sums.evaluated += entry.met == tree::Truth::Never;
    sums.whole += entry.whole;
    if (!entry.inner)
      continue;
    sums.blocks += entry.met == tree::Truth::Always;
    countList(*entry.inner, sums);
  }
}

static void count(const tree::Tree &tree, Sums &sums) {
  std::vector<unsigned> ways(tree.nodes.size());
  for (const tree::Node &node : tree.nodes) {
    (node.isLeaf() ? sums.leaves : sums.tests) += 1;
    sums.budget += node.isLeaf() && node.reason == tree::LeafReason::Budget;
    sums.decided += node.isLeaf() && node.left.list.size() <= 1;
    countList(node.left.list, sums);
    for (const tree::Branch &branch : node.branches)
      sums.shared += ++ways[branch.to] == 2;
  }
}

/// What differs for one run of a packet; empty if nothing does.
static std::string difference(const tree::Tree &tree, const ir::Table &table, const Packet &packet,
                              eval::Oracle &answers) {
  Recording recording(answers);
  eval::Outcome chain = eval::evaluate(table, packet, recording);
  Replay replay(recording);
  eval::Outcome walked = walkTree(tree, table, packet, replay);
  if (sameEnd(chain, walked) && replay.sameQuestions())
    return "";
  return fmt::format("{}\n  the chain: {} {}\n  the tree:  {} {}{}\n", packet::inIptablesWords(packet), chain.verdict,
                     fmt::join(chain.effects, ", "), walked.verdict, fmt::join(walked.effects, ", "),
                     replay.sameQuestions() ? "" : ", and asks otherwise");
}

/// The first packet that differs; empty if none does.
static std::string firstDifference(const std::map<packet::Hook, tree::Tree> &trees, const Subject &subject,
                                   const Universe &universe, Sums &sums) {
  for (const Packet &packet : universe.packets) {
    EveryAnswer answers(universe.space);
    unsigned runs = 0;
    do {
      answers.begin();
      std::string text = difference(trees.at(packet.hook()), subject.random.table, packet, answers);
      if (!text.empty())
        return text;
      ++sums.runs;
    } while ((!subject.hasOpaque || ++runs != kMostRuns) && answers.another());
  }
  return "";
}

/// Prints the first difference of the table of this seed; false if there is one.
static bool agreeOn(uint64_t seed, Sums &sums) {
  Subject subject = subjectOf(seed);
  const ir::Table &table = subject.random.table;
  std::map<packet::Hook, tree::Tree> trees;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (table.chains[chain].hook) {
      tree::Tree tree = tree::build(table, packet::Family::IPv4, tree::Stretch::all(table, chain), subject.options);
      count(tree, sums);
      trees.emplace(*table.chains[chain].hook, std::move(tree));
    }
  std::string text = firstDifference(trees, subject, trialOf(table, seed).universe, sums);
  ++sums.tables;
  if (!text.empty())
    fmt::print("seed {}\n{}{}\n", seed, textOf(table), text);
  return text.empty();
}

int main(int count, const char **words) {
  auto seeds = parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-trees", kCount, kReducedBy);
  if (!seeds)
    return 2;
  Sums sums;
  unsigned differences = 0;
  for (uint64_t seed = seeds->first; seed != seeds->end() && differences < kReports; ++seed)
    differences += !agreeOn(seed, sums);
  fmt::print(
      "seeds {} to {}: {} tables, {} runs\ntrees: {} tests, {} leaves ({} decided at once), {} shared nodes, {} lists "
      "by budget, {} rules evaluated for their state alone, {} calls that are surely made and may come back early, {} "
      "not looked into\n",
      seeds->first, seeds->end() - 1, sums.tables, sums.runs, sums.tests, sums.leaves, sums.decided, sums.shared,
      sums.budget, sums.evaluated, sums.blocks, sums.whole);
  bool enough = sums.tables == seeds->count;
  bool ofAllKinds =
      seeds->count < 100 || (sums.decided && sums.shared && sums.budget && sums.evaluated && sums.blocks && sums.whole);
  return differences == 0 && enough && ofAllKinds ? 0 : 1;
}
