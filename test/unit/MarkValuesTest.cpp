// Which marks rules can set and which they read, asked of whole texts.
#include "analysis/MarkValues.h"
#include "analysis/MarkReads.h"
#include "parse/Parse.h"
#include <gtest/gtest.h>

namespace iptlint::analysis {
namespace {

/// What the rules of a mangle table, one a line, do to marks.
struct Marks {
  explicit Marks(const std::string &rules)
      : parsed(parse::parseRules(support::Source::fromText("*mangle\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" +
                                                           rules + "\nCOMMIT\n"),
                                 {.family = packet::Family::IPv4})),
        table(&parsed.rulesets.front().tables.front()), graph(buildCallGraph(*table)), values({table}, {&graph}),
        read(marksRead({table})) {}

  bool canBe(uint32_t value, uint32_t mask = ~0u) const { return values.canMeet({Field::Mark, false, mask, value}); }
  bool canBeOther(uint32_t value, uint32_t mask) const { return values.canMeet({Field::Mark, true, mask, value}); }
  bool flowCanBe(uint32_t value, uint32_t mask = ~0u) const {
    return values.canMeet({Field::ConnMark, false, mask, value});
  }

  parse::ParsedRules parsed;
  const ir::Table *table;
  CallGraph graph;
  MarkValues values;
  Parts read;
};

TEST(MarkValues, NothingIsMarkedWithoutRules) {
  Marks marks("-A PREROUTING -j ACCEPT");
  EXPECT_TRUE(marks.canBe(0));
  EXPECT_FALSE(marks.canBe(1));
  EXPECT_FALSE(marks.canBe(1, 1));
  EXPECT_FALSE(marks.canBeOther(0, 0xff));
  EXPECT_TRUE(marks.canBeOther(1, 0xff));
  EXPECT_FALSE(marks.flowCanBe(1));
}

TEST(MarkValues, WholeMarksDoNotAddUp) {
  Marks marks("-A PREROUTING -i a -j MARK --set-mark 1\n-A PREROUTING -i b -j MARK --set-mark 2");
  EXPECT_TRUE(marks.canBe(1));
  EXPECT_TRUE(marks.canBe(2));
  EXPECT_FALSE(marks.canBe(3));
  EXPECT_TRUE(marks.canBe(0, 0xf0));
}

TEST(MarkValues, BitsAddUpInAnyOrder) {
  Marks marks("-A PREROUTING -i a -j MARK --or-mark 1\n-A PREROUTING -i b -j MARK --xor-mark 2\n"
              "-A PREROUTING -i c -j MARK --and-mark 0xfffffffb");
  EXPECT_TRUE(marks.canBe(3));
  EXPECT_TRUE(marks.canBe(2));
  EXPECT_FALSE(marks.canBe(4, 4));
}

TEST(MarkValues, FlowsKeepWhatIsSaved) {
  Marks marks("-A PREROUTING -i a -j MARK --set-mark 1\n-A PREROUTING -i b -j CONNMARK --set-mark 2\n"
              "-A PREROUTING -i c -j CONNMARK --save-mark\n-A PREROUTING -i d -j CONNMARK --restore-mark");
  EXPECT_TRUE(marks.flowCanBe(1));
  EXPECT_TRUE(marks.canBe(2));
  EXPECT_FALSE(marks.canBe(3));
  EXPECT_FALSE(marks.flowCanBe(3));
}

TEST(MarkValues, SocketsMayHaveMarkedWhatIsSavedInOutput) {
  Marks marks("-A OUTPUT -j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf");
  EXPECT_TRUE(marks.flowCanBe(7));
  EXPECT_FALSE(marks.flowCanBe(0x10));
  EXPECT_FALSE(marks.canBe(7));
  Marks restored(
      "-A OUTPUT -j CONNMARK --save-mark\n-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff");
  EXPECT_TRUE(restored.canBe(7));
  EXPECT_FALSE(restored.canBe(0x100));
}

TEST(MarkValues, WhatIsNotKnownMayBeAnything) {
  EXPECT_TRUE(Marks("-A PREROUTING -j HMARK --hmark-tuple src --hmark-mod 10 --hmark-rnd 1").canBe(7));
  EXPECT_TRUE(Marks("-A PREROUTING -j NFQUEUE").canBe(7));
  EXPECT_TRUE(Marks("-A PREROUTING -j NOSUCHCHAIN").canBe(7));
  EXPECT_TRUE(Marks("-A PREROUTING --no-such-option -j ACCEPT").canBe(7));
  EXPECT_TRUE(Marks("-A PREROUTING -p tcp -j TPROXY --on-port 80 --tproxy-mark 7").canBe(7));
  EXPECT_FALSE(Marks("-A PREROUTING -p tcp -j TPROXY --on-port 80 --tproxy-mark 7").canBe(8));
}

TEST(MarkValues, TooManyToFollow) {
  std::string rules;
  for (unsigned bit = 0; bit != 20; ++bit)
    rules += "-A PREROUTING -i a -j MARK --or-mark " + std::to_string(1u << bit) + "\n";
  EXPECT_TRUE(Marks(rules).canBe(1u << 30));
}

TEST(MarkReads, ByBit) {
  Marks marks("-A PREROUTING -m mark --mark 1/3 -j ACCEPT\n-A PREROUTING -m connmark --mark 0x10/0x30 -j ACCEPT\n"
              "-A PREROUTING -j CONNMARK --save-mark --nfmask 0x100 --ctmask 0x100");
  EXPECT_EQ(marks.read.markBits, 0x103u);
  EXPECT_EQ(marks.read.flowMarkBits, 0x30u);
}

TEST(MarkReads, WhatMayLookReads) {
  for (const char *rule : {"-j LOG", "-j NFLOG", "-j NFQUEUE", "-j NOSUCHCHAIN", "-m set --match-set x src",
                           "--no-such-option", "-m bpf --bytecode \"1,6 0 0 1\"", "-m rpfilter --validmark"})
    EXPECT_EQ(Marks(std::string("-A PREROUTING ") + rule).read.markBits, ~0u) << rule;
  EXPECT_EQ(Marks("-A PREROUTING -m limit --limit 5/sec -m string --algo bm --string x -j DROP").read.markBits, 0u);
}

} // namespace
} // namespace iptlint::analysis
