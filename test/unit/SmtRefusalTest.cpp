// What optimize does with passes that are wrong, or that no proof can follow: such passes exist only here.
#include "driver/Optimize.h"
#include "SmtRules.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace iptlint::driver {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A folder with an input, gone at the end.
class Refusal : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("iptlint-refusal", folder)); }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) const { return (folder + "/" + name).str(); }
  static std::string textOf(const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }

  int optimize(const std::string &text, const pass::Pass &pass) {
    OptimizeOptions options;
    options.program.toEnd = {&pass};
    return optimize(text, std::move(options));
  }

  int optimize(const std::string &text, OptimizeOptions options) {
    std::error_code error;
    llvm::raw_fd_ostream(path("in"), error) << text;
    options.input = path("in");
    options.output = path("out");
    options.report = path("report");
    llvm::raw_string_ostream out(said), err(complained);
    return runOptimize(options, out, err);
  }

  llvm::SmallString<128> folder;
  std::string said, complained;
};

} // namespace

template <typename Predicate> static ir::Ruleset without(ir::Ruleset ruleset, Predicate gone) {
  for (ir::Table &table : ruleset.tables)
    for (ir::Chain &chain : table.chains)
      llvm::erase_if(chain.rules, gone);
  return ruleset;
}

static ir::Ruleset dropAccept(const ir::Ruleset &in, pass::Record &) {
  return without(in, [](const ir::Rule &rule) { return rule.target.name == "ACCEPT"; });
}
constexpr pass::Pass dropsLiveRules{.id = "drops-live-rules", .summary = "wrong", .run = dropAccept};

static ir::Ruleset dropLimited(const ir::Ruleset &in, pass::Record &) {
  return without(in, [](const ir::Rule &rule) {
    return llvm::is_contained(rule.words, "limit") || llvm::is_contained(rule.words, "10.1.0.0/16");
  });
}
constexpr pass::Pass dropsLimits{.id = "drops-limits", .summary = "wrong where there are limits", .run = dropLimited};

static ir::Ruleset dropLogs(const ir::Ruleset &in, pass::Record &) {
  return without(in, [](const ir::Rule &rule) { return rule.target.name == "LOG"; });
}
constexpr pass::Pass dropsLogs{.id = "drops-logs", .summary = "wrong", .run = dropLogs};

/// Drops the second rule of each chain, and gives the first one other words.
template <auto words> static ir::Ruleset mergeInto(const ir::Ruleset &in, pass::Record &) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    for (ir::Chain &chain : table.chains)
      if (chain.rules.size() > 1) {
        chain.rules.erase(chain.rules.begin() + 1);
        chain.rules[0].words = words();
      }
  return out;
}
static std::vector<llvm::StringRef> wordsOf(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ' ');
  return {words.begin(), words.end()};
}

static std::vector<llvm::StringRef> oneLimit() { return wordsOf("-s 10.0.0.0/31 -m limit --limit 3/min -j ACCEPT"); }
constexpr pass::Pass mergesLimits{.id = "merges-limits", .summary = "wrong", .run = mergeInto<oneLimit>};

static std::vector<llvm::StringRef> wrongBound() { return wordsOf("-p tcp -m multiport --dports 22,80:82 -j ACCEPT"); }
constexpr pass::Pass mergesTooMuch{.id = "merges-too-much", .summary = "wrong", .run = mergeInto<wrongBound>};

static std::vector<llvm::StringRef> noComment() { return wordsOf("-p tcp -m multiport --dports 22,80:81 -j ACCEPT"); }
constexpr pass::Pass losesComments{.id = "loses-comments", .summary = "a pity, not wrong", .run = mergeInto<noComment>};

static ir::Ruleset dropTen(const ir::Ruleset &in, pass::Record &) {
  return without(in, [](const ir::Rule &rule) { return llvm::is_contained(rule.words, "10.1.0.0/16"); });
}
constexpr pass::Pass dropsTen{.id = "drops-ten", .summary = "right where the rules are dead", .run = dropTen};

static ir::Ruleset dropOnlyLimits(const ir::Ruleset &in, pass::Record &) {
  return without(in, [](const ir::Rule &rule) { return llvm::is_contained(rule.words, "limit"); });
}
constexpr pass::Pass dropsOnlyLimits{.id = "drops-only-limits", .summary = "wrong", .run = dropOnlyLimits};

/// Without limits the proof finds no end; the chain is of no use to anybody.
static ir::Ruleset addChain(const ir::Ruleset &in, pass::Record &record) {
  ir::Ruleset out = dropOnlyLimits(in, record);
  ir::Chain &made = out.tables.front().chains.emplace_back();
  made.name = "made";
  made.declared = true;
  made.at = out.tables.front().chains.front().at;
  return out;
}
constexpr pass::Pass addsAChain{.id = "adds-a-chain", .summary = "wrong", .run = addChain};

/// A set of so many addresses from 10.0.0.0 on, for one rule in place of two.
template <unsigned count> static ir::Ruleset gather(const ir::Ruleset &in, pass::Record &record) {
  ir::Set set;
  set.name = "both";
  set.type = "hash:net";
  set.parts = {ir::SetPart::Net};
  set.family = packet::Family::IPv4;
  for (unsigned i = 0; i != count; ++i)
    set.members.emplace_back().parts[0] = {packet::Value((10 << 24) + i), packet::Value((10 << 24) + i)};
  record.sets = {set};
  return mergeInto<[] { return wordsOf("-m set --match-set both src -j ACCEPT"); }>(in, record);
}
constexpr pass::Pass gathersTwo{.id = "gathers-two", .summary = "right where the rules are for two", .run = gather<2>};
constexpr pass::Pass gathersThree{.id = "gathers-three", .summary = "wrong there", .run = gather<3>};

static std::string twoRules(const std::string &first, const std::string &second) {
  return "*filter\n:INPUT DROP [0:0]\n-A INPUT " + first + "\n-A INPUT " + second + "\nCOMMIT\n";
}

TEST_F(Refusal, RulesThatKeepStateAreNotMerged) {
  std::string rules = twoRules("-s 10.0.0.0/32 -m limit --limit 3/min -j ACCEPT", "-s 10.0.0.1/32 -m limit --limit 3/min -j ACCEPT");
  EXPECT_EQ(optimize(rules, mergesLimits), 0);
  EXPECT_EQ(textOf(path("out")), rules);
  EXPECT_THAT(complained, HasSubstr("filter INPUT is left as it was"));
}

TEST_F(Refusal, AMultiportOfOneMorePortWritesNothing) {
  std::string rules = twoRules("-p tcp -m tcp --dport 22 -j ACCEPT", "-p tcp -m tcp --dport 80:81 -j ACCEPT");
  EXPECT_EQ(optimize(rules, mergesTooMuch), 3);
  EXPECT_FALSE(llvm::sys::fs::exists(path("out")));
  EXPECT_THAT(complained, HasSubstr("--dport 82"));
}

TEST_F(Refusal, ALostCommentIsNoDifference) {
  std::string rules = twoRules("-p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT",
                               "-p tcp -m tcp --dport 80:81 -m comment --comment web -j ACCEPT");
  EXPECT_EQ(optimize(rules, losesComments), 0) << complained;
  EXPECT_THAT(textOf(path("out")), HasSubstr("-A INPUT -p tcp -m multiport --dports 22,80:81 -j ACCEPT\nCOMMIT"));
}

TEST_F(Refusal, APassThatDropsALiveRuleWritesNothing) {
  int code = optimize("*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\nCOMMIT\n", dropsLiveRules);
  EXPECT_EQ(code, 3);
  EXPECT_FALSE(llvm::sys::fs::exists(path("out")));
  EXPECT_EQ(said, "");
  EXPECT_THAT(complained, HasSubstr("nothing is written: the result decides a packet differently"));
  EXPECT_THAT(complained, HasSubstr("packet: -i eth0 -p tcp -s 10.0.0.0 "));
  EXPECT_THAT(complained, HasSubstr("before: ACCEPT by rule 1 of INPUT (line 3)\n  after: DROP by policy"));
  EXPECT_THAT(textOf(path("report")), HasSubstr("\"result\": \"different\""));
}

TEST_F(Refusal, APassThatLosesAnEffectWritesNothing) {
  int code = optimize("*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j LOG\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n", dropsLogs);
  EXPECT_EQ(code, 3);
  EXPECT_FALSE(llvm::sys::fs::exists(path("out")));
  EXPECT_THAT(complained, HasSubstr("before: LOG, then DROP by policy"));
}

TEST_F(Refusal, AFileThatIsThereStaysAsItWas) {
  std::error_code error;
  llvm::raw_fd_ostream(path("out"), error) << "precious\n";
  EXPECT_EQ(optimize("*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n", dropsLiveRules), 3);
  EXPECT_EQ(textOf(path("out")), "precious\n");
}

TEST_F(Refusal, ASetWithOneMoreMemberWritesNeitherFile) {
  std::string rules = twoRules("-s 10.0.0.0/32 -j ACCEPT", "-s 10.0.0.1/32 -j ACCEPT");
  OptimizeOptions options;
  options.to = OutputForm::Ipset;
  options.setsOut = path("sets");
  options.program.toEnd = {&gathersThree};
  EXPECT_EQ(optimize(rules, options), 3);
  EXPECT_FALSE(llvm::sys::fs::exists(path("out")));
  EXPECT_FALSE(llvm::sys::fs::exists(path("sets")));
  EXPECT_THAT(complained, HasSubstr("-s 10.0.0.2"));
  EXPECT_THAT(complained, HasSubstr("before: DROP by policy\n  after: ACCEPT by rule 1 of INPUT"));

  options.program.toEnd = {&gathersTwo};
  EXPECT_EQ(optimize(rules, options), 0) << complained;
  EXPECT_THAT(textOf(path("out")), HasSubstr("-A INPUT -m set --match-set both src -j ACCEPT\nCOMMIT"));
  EXPECT_THAT(textOf(path("sets")), EndsWith("add both 10.0.0.0\nadd both 10.0.0.1\n"));
}

TEST_F(Refusal, AChainThatAPassWhichRunsOnceMadeUnprovableIsTidiedAllTheSame) {
  OptimizeOptions options;
  options.program.toEnd = {&dropsTen};
  options.program.once = {&dropsOnlyLimits};
  std::string begin = "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.0/8 -j DROP\n";
  std::string end = "-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT\nCOMMIT\n";
  EXPECT_EQ(optimize(begin + "-A INPUT -s 10.1.0.0/16 -j ACCEPT\n" + end, options), 0) << complained;
  EXPECT_THAT(textOf(path("out")), EndsWith(begin + end));
  EXPECT_THAT(complained, HasSubstr("filter INPUT is tidied, and no more: the rules differ behind"));
  EXPECT_THAT(textOf(path("report")), HasSubstr("\"left_alone\": [],\n  \"tidied_only\": [\n    {"));
}

TEST_F(Refusal, OfAChainThatIsPutBackNoneOfThoseThatWereMadeForItStay) {
  std::string rules = twoRules("-p tcp -m limit --limit 3/min -j ACCEPT", "-p udp -m limit --limit 3/min -j ACCEPT");
  EXPECT_EQ(optimize(rules, addsAChain), 0) << complained;
  EXPECT_EQ(textOf(path("out")), rules);
}

TEST_F(Refusal, AChainThatIsUnprovableTidiedIsPutBackAsItWas) {
  OptimizeOptions options;
  options.program.toEnd = {&dropsLimits};
  options.program.once = {&dropsTen};
  std::string rules = twoRules("-p tcp -m limit --limit 3/min -j ACCEPT", "-p udp -m limit --limit 3/min -j ACCEPT");
  EXPECT_EQ(optimize(rules, options), 0) << complained;
  EXPECT_EQ(textOf(path("out")), rules);
  EXPECT_THAT(complained, HasSubstr("filter INPUT is left as it was: the rules differ behind"));
}

TEST_F(Refusal, AChainWithoutProofIsPutBackWithAllItReaches) {
  std::string limited = "-A INPUT -j called\n"
                        "-A called -p tcp -m limit --limit 3/min -j ACCEPT\n";
  int code = optimize("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:called - [0:0]\n" + limited +
                          "-A FORWARD -s 10.0.0.0/8 -j DROP\n-A FORWARD -s 10.1.0.0/16 -j ACCEPT\nCOMMIT\n",
                      dropsLimits);
  EXPECT_EQ(code, 0);
  EXPECT_THAT(textOf(path("out")), EndsWith("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:called - [0:0]\n" + limited +
                                            "-A FORWARD -s 10.0.0.0/8 -j DROP\nCOMMIT\n"));
  EXPECT_THAT(complained, HasSubstr("1 of 4 rules removed"));
  EXPECT_THAT(complained, HasSubstr("filter INPUT is left as it was: the rules differ behind"));
  EXPECT_THAT(textOf(path("report")), HasSubstr("\"chain\": \"INPUT\""));
}

} // namespace iptlint::driver
