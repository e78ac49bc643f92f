// What analysis says of the order of rules, on rules as text; test/oracle/Order.cpp tries it on tables made by chance.
#include "ParseRules.h"
#include "analysis/BoxIndex.h"
#include "analysis/Merges.h"
#include "analysis/Reach.h"

namespace iptlint::analysis {

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// What is found out of the first table of a text.
struct Said {
  explicit Said(llvm::StringRef text)
      : rules(parse::parsed(text)), graph(buildCallGraph(table())),
        reach(computeReach(table(), packet::Family::IPv4, graph, everything())) {}

  static ReachOptions everything() {
    ReachOptions options;
    options.extras = {.merges = true, .exceptions = true, .overlaps = true, .delays = true};
    return options;
  }
  const ir::Table &table() const { return rules.rulesets.front().tables.front(); }
  bool leadsToNothing(uint32_t chain, uint32_t rule) const { return reach[{chain, rule}].leadsToNothing; }

  parse::ParsedRules rules;
  CallGraph graph;
  TableReach reach;
};

} // namespace

static std::string inInput(llvm::StringRef rules) {
  return ("*filter\n:INPUT DROP [0:0]\n:X - [0:0]\n:Y - [0:0]\n" + rules + "COMMIT\n").str();
}

/// "0 2: dport=50,1bb": the numbers of the rules, and what the one rule would ask.
static std::vector<std::string> mergesOf(llvm::StringRef rules) {
  std::vector<std::string> texts;
  for (const Merge &merge : Said(inInput(rules)).reach.merges) {
    std::string text;
    for (ir::RuleId id : merge.rules)
      text += fmt::format("{} ", id.rule);
    texts.push_back(text + parse::text(ir::RangeTest{merge.field, std::nullopt, false, merge.ranges}));
  }
  return texts;
}

TEST(Order, PortsTaken) {
  EXPECT_EQ(portsTaken({}), 0u);
  EXPECT_EQ(portsTaken({{1, 1}, {3, 4}, {7, 7}}), 4u);
}

TEST(Order, MergesPorts) {
  EXPECT_THAT(mergesOf("-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -p tcp --dport 81:90 -j ACCEPT\n"
                       "-A INPUT -p tcp --dport 443 -j ACCEPT\n"),
              ElementsAre("0 1 2 dport=50-5a,1bb"));
  EXPECT_THAT(mergesOf("-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -p tcp --dport 81 -j REJECT\n"), IsEmpty());
  EXPECT_THAT(mergesOf("-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -p udp --dport 81 -j ACCEPT\n"), IsEmpty());
}

TEST(Order, MergesPrefixesInAnyOrder) {
  EXPECT_THAT(mergesOf("-A INPUT -s 10.0.0.128/25 -j ACCEPT\n-A INPUT -s 10.0.1.0/24 -j ACCEPT\n"
                       "-A INPUT -s 10.0.0.0/25 -j ACCEPT\n"),
              ElementsAre("0 1 2 src=a000000-a0001ff"));
  // Neighbours that are not halves of one prefix.
  EXPECT_THAT(mergesOf("-A INPUT -s 10.0.1.0/24 -j ACCEPT\n-A INPUT -s 10.0.2.0/24 -j ACCEPT\n"), IsEmpty());
}

TEST(Order, DoesNotMergeOverWhatNotices) {
  llvm::StringRef first = "-A INPUT -s 10.0.0.0/25 -j ACCEPT\n", last = "-A INPUT -s 10.0.0.128/25 -j ACCEPT\n";
  auto between = [&](llvm::StringRef rule) { return mergesOf((first + rule + last).str()); };
  EXPECT_THAT(between("-A INPUT -s 10.0.0.0/25 -p tcp -j DROP\n"), ElementsAre("0 2 src=a000000-a0000ff"));
  EXPECT_THAT(between("-A INPUT -i eth0 -p tcp -j ACCEPT\n"), ElementsAre("0 2 src=a000000-a0000ff"));
  EXPECT_THAT(between("-A INPUT -p tcp -j DROP\n"), IsEmpty());
  EXPECT_THAT(between("-A INPUT -p tcp -j LOG\n"), IsEmpty());
  EXPECT_THAT(between("-A INPUT -p tcp\n"), IsEmpty());
  EXPECT_THAT(between("-A INPUT -p tcp -m limit --limit 1/sec -j ACCEPT\n"), IsEmpty());
}

TEST(Order, MergesJumpsOnlyWhereNoPacketGoesTwice) {
  llvm::StringRef chain = "-A X -p udp -j DROP\n";
  EXPECT_THAT(mergesOf(("-A INPUT -p tcp --dport 1:5 -j X\n-A INPUT -p tcp --dport 6 -j X\n" + chain).str()),
              ElementsAre("0 1 dport=1-6"));
  EXPECT_THAT(mergesOf(("-A INPUT -p tcp --dport 1:5 -j X\n-A INPUT -p tcp --dport 5:6 -j X\n" + chain).str()),
              IsEmpty());
}

TEST(Order, ExceptionsAreTheFirstHolders) {
  Said said(
      inInput("-A INPUT -s 10.0.0.1/32 -j DROP\n-A INPUT -s 10.0.0.0/24 -j ACCEPT\n-A INPUT -s 10.0.0.0/16 -j DROP\n"));
  ASSERT_EQ(said.reach.generals.size(), 2u);
  EXPECT_EQ(said.reach.generals[0].rule, (ir::RuleId{0, 1}));
  EXPECT_THAT(said.reach.generals[0].exceptions, ElementsAre(ir::RuleId{0, 0}));
  EXPECT_EQ(said.reach.generals[1].rule, (ir::RuleId{0, 2}));
  EXPECT_THAT(said.reach.generals[1].exceptions, ElementsAre(ir::RuleId{0, 1}));
}

TEST(Order, NoExceptionsToWhatTakesAllThatComes) {
  EXPECT_THAT(
      Said(inInput("-A INPUT -p tcp -j X\n-A X -s 10.0.0.1/32 -j ACCEPT\n-A X -p tcp -j DROP\n")).reach.generals,
      IsEmpty());
}

TEST(Order, OverlapsShowAPacket) {
  Said said(inInput("-A INPUT -s 10.0.0.0/24 -j ACCEPT\n-A INPUT -p tcp -j DROP\n"));
  ASSERT_EQ(said.reach.overlaps.size(), 1u);
  ASSERT_EQ(said.reach.overlaps[0].others.size(), 1u);
  const packet::Packet &packet = *said.reach.overlaps[0].others[0].packet;
  EXPECT_EQ(packet[packet::Field::Src] >> 8, 0x0a0000u);
  EXPECT_EQ(packet[packet::Field::Proto], packet::kTcp);
  EXPECT_FALSE(said.reach.overlaps[0].more);
}

TEST(Order, JumpsThatLeadToNothing) {
  Said said(inInput("-A INPUT -p udp -j X\n-A INPUT -p tcp -j X\n-A INPUT -p udp -j Y\n-A X -p tcp -j DROP\n-A Y -j "
                    "X\n-A Y -j RETURN\n"));
  EXPECT_TRUE(said.leadsToNothing(0, 0));
  EXPECT_FALSE(said.leadsToNothing(0, 1));
  EXPECT_TRUE(said.leadsToNothing(0, 2));
  EXPECT_TRUE(said.leadsToNothing(2, 0));
}

TEST(Order, DelaysAreCounted) {
  Said said("*filter\n:INPUT DROP [5:0]\n[3:0] -A INPUT -s 10.0.0.1/32 -j DROP\n[10:0] -A INPUT -p icmp -j ACCEPT\n"
            "[1:0] -A INPUT -p udp -m state --state INVALID -j DROP\n[81:0] -A INPUT -m state --state ESTABLISHED -j "
            "ACCEPT\nCOMMIT\n");
  ASSERT_EQ(said.reach.delays.size(), 1u);
  const Delay &delay = said.reach.delays[0];
  EXPECT_EQ(delay.rule, (ir::RuleId{0, 3}));
  EXPECT_EQ(delay.to, 1u);
  EXPECT_EQ(uint64_t(delay.packets), 100u);
  EXPECT_EQ(uint64_t(delay.saved), 2 * 81 - 11u);
}

/// Boxes at random in a space of two small dimensions, asked with every region.
TEST(Order, FirstOverlappingIsTheFirst) {
  Program program(packet::Family::IPv4);
  DimensionId x = program.space.dimension(packet::Field::Sport, 0xffff, 0),
              y = program.space.dimension(packet::Field::Dport, 0xffff, 0);
  constexpr Rank kSize = 6;
  for (Rank cut = 0; cut != kSize; ++cut)
    for (DimensionId dim : {x, y})
      program.space.cut(dim, cut, cut);
  program.space.close();
  Random random(7);
  std::vector<BoxIndex::Entry> entries;
  for (Pc pc = 0; pc != 60; ++pc) {
    Rank a = random.number(kSize), b = random.number(kSize), c = random.number(kSize), d = random.number(kSize);
    entries.push_back(
        {pc, program.addBox(Box({{x, std::min(a, b), std::max(a, b)}, {y, std::min(c, d), std::max(c, d)}}))});
  }
  BoxIndex index(program, entries);
  for (Rank lo = 0; lo != kSize; ++lo)
    for (Rank hi = lo; hi != kSize; ++hi)
      for (Pc from = 0; from != 60; ++from) {
        Region region(program.space);
        region[x] = {lo, hi};
        region[y] = {hi, hi};
        auto first = llvm::find_if(
            entries, [&](const auto &entry) { return entry.pc >= from && region.overlaps(program.box(entry.box)); });
        EXPECT_EQ(index.firstOverlapping(region, from, kNone).pc, first == entries.end() ? kNone : first->pc);
      }
}

} // namespace iptlint::analysis
