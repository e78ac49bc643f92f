// That cutting packets into cells loses none of them, and that a difference is found wherever it is.
#include "SmtRules.h"
#include "smt/Cell.h"
#include "smt/Processes.h"
#include "gtest/gtest.h"
#include <csignal>
#include <random>

namespace iptlint::smt {

TEST(SmtCells, HalvesAreTheWhole) {
  Cell whole(packet::Family::IPv6);
  auto [below, above] = whole.halves(Field::Dst, Value(1) << 100);
  auto [low, high] = below.halves(Field::Dport, 1024);
  Volume sum = low.volume();
  sum += high.volume();
  EXPECT_EQ(sum, below.volume());
  EXPECT_NE(sum, whole.volume());
  sum += above.volume();
  EXPECT_EQ(sum, whole.volume());
  sum += low.volume();
  EXPECT_NE(sum, whole.volume()) << "a cell that is counted twice goes unnoticed";
}

TEST(SmtCells, EachTaskIsGivenOutOnceAndADeadProcessAnswersNothing) {
  auto answers = inProcesses(3, 100, [](NextTask next) {
    std::string done;
    while (std::optional<unsigned> task = next()) {
      if (*task == 50)
        raise(SIGKILL);
      done += fmt::format("{} ", *task);
    }
    return done;
  });
  ASSERT_EQ(answers.size(), 3u);
  std::vector<unsigned> times(100);
  unsigned dead = 0;
  for (const std::optional<std::string> &answer : answers) {
    dead += !answer;
    llvm::SmallVector<llvm::StringRef, 100> tasks;
    std::string text = answer.value_or("");
    llvm::StringRef(text).split(tasks, ' ', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef task : tasks)
      ++times[std::stoul(task.str())];
  }
  EXPECT_EQ(dead, 1u);
  EXPECT_EQ(times[50], 0u);
  EXPECT_LE(*std::max_element(times.begin(), times.end()), 1u);
}

namespace {

/// Rules of hosts, nets and ports, as many of one verdict as of the other.
class RandomRules {
public:
  explicit RandomRules(unsigned seed) : random(seed) {}
  std::string line() {
    std::string line = fmt::format("-s 10.{}.{}.0/{}", below(4), below(4) * 64, 16 + below(9));
    if (below(2))
      line += fmt::format(" -d 192.0.2.{}", below(8));
    if (below(3))
      line += fmt::format(" -p tcp -m tcp --dport {}:{}", below(4) * 100, 400 + below(4) * 100);
    return line + (below(2) ? " -j ACCEPT" : " -j DROP");
  }
  unsigned below(unsigned limit) { return random() % limit; }

private:
  std::mt19937 random;
};

} // namespace

static std::string textOf(const std::vector<std::string> &lines) {
  std::string text;
  for (const std::string &line : lines)
    text += "-A INPUT " + line + "\n";
  return filter(text);
}

/// Makes one small mistake, which may change nothing.
static void makeMistake(std::vector<std::string> &lines, RandomRules &random) {
  unsigned at = random.below(unsigned(lines.size()));
  switch (random.below(3)) {
  case 0:
    lines.erase(lines.begin() + at);
    return;
  case 1: {
    std::string &line = lines[at];
    bool accepts = llvm::StringRef(line).endswith("ACCEPT");
    line.replace(line.rfind(' ') + 1, std::string::npos, accepts ? "DROP" : "ACCEPT");
    return;
  }
  default:
    std::swap(lines[at], lines[random.below(unsigned(lines.size()))]);
  }
}

/// Whether the solver, asked about all packets at once, says the same as it says cell by cell, and eval confirms it.
TEST(SmtCells, ManyCellsSayWhatOneQuestionSays) {
  unsigned different = 0, equal = 0;
  for (unsigned seed = 0; seed != 16; ++seed) {
    RandomRules random(seed);
    std::vector<std::string> lines;
    for (unsigned i = 0; i != 24; ++i)
      lines.push_back(random.line());
    ir::Ruleset before = rules(textOf(lines));
    makeMistake(lines, random);
    ir::Ruleset after = rules(textOf(lines));
    std::vector<Verdict> verdicts;
    for (const Effort &effort : efforts()) {
      Comparison comparison = compare(before, after, effort);
      verdicts.push_back(comparison.result);
      if (comparison.packet)
        expectConfirmed(before, after, comparison);
    }
    EXPECT_EQ(verdicts[0], verdicts[1]) << "seed " << seed;
    (verdicts[0] == Verdict::Different ? different : equal) += 1;
  }
  EXPECT_GE(different, 6u);
  EXPECT_GE(equal, 2u) << "too few mistakes that change nothing";
}

/// One bucket that becomes two lets more packets through.
TEST(SmtCells, ABucketThatIsMadeTwoIsNotUnchanged) {
  std::string one = "-A INPUT -s 10.0.0.0/8 -j A\n-A INPUT -s 11.0.0.0/8 -j A\n-A A -m limit --limit 3/min -j ACCEPT\n";
  std::string two = "-A INPUT -s 10.0.0.0/8 -j A\n-A INPUT -s 11.0.0.0/8 -j B\n-A A -m limit --limit 3/min -j ACCEPT\n"
                    "-A B -m limit --limit 3/min -j ACCEPT\n";
  for (const Effort &effort : efforts())
    EXPECT_EQ(compare(rules(filter(one)), rules(filter(two)), effort).result, Verdict::Unknown);
  EXPECT_EQ(compare(rules(filter(two)), rules(filter(two)), efforts().front()).unchanged, 1u);
}

} // namespace iptlint::smt
