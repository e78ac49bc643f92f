// Which packets a chain accepts: cases, and small tables made by chance against eval.
#include "analysis/Admits.h"
#include "eval/Eval.h"
#include "parse/Parse.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

namespace iptlint::analysis {

using packet::Field;
using packet::Hook;
using packet::Value;

namespace {

ir::Test is(Field field, Value value) {
  return ir::RangeTest{field, std::nullopt, false, {{value, value}}};
}

/// A TCP packet for a port.
Kind toPort(Value port) {
  return {is(Field::Proto, packet::kTcp), is(Field::Fragment, 0), is(Field::Dport, port)};
}

struct Text {
  explicit Text(llvm::StringRef rules)
      : parsed(parse::parseRules(support::Source::fromText(("*filter\n" + rules + "COMMIT\n").str()),
                                 {.family = packet::Family::IPv4})) {}
  const ir::Table &table() const { return parsed.rulesets.front().tables.front(); }
  std::vector<Admission> ask(llvm::ArrayRef<Kind> kinds, Ending ending = Ending::Accepted,
                             AdmitsOptions options = {}) const {
    return admits(table(), packet::Family::IPv4, buildCallGraph(table()), Hook::Input, ending, kinds, options);
  }
  Admission ask(const Kind &kind, Ending ending = Ending::Accepted, AdmitsOptions options = {}) const {
    return ask(llvm::ArrayRef<Kind>(kind), ending, std::move(options)).front();
  }
  Answer answer(const Kind &kind, Ending ending = Ending::Accepted) const { return ask(kind, ending).answer; }

  parse::ParsedRules parsed;
};

TEST(Admits, NamesTheRuleOrThePolicy) {
  Text rules(":INPUT ACCEPT [0:0]\n:A - [0:0]\n-A INPUT -p tcp -j A\n-A A -p tcp --dport 22 -j ACCEPT\n"
             "-A A -p tcp --dport 80 -j DROP\n");
  std::vector<Admission> found = rules.ask({toPort(22), toPort(80), toPort(443)});
  EXPECT_EQ(found[0].answer, Answer::Yes);
  EXPECT_EQ(found[0].by, (ir::RuleId{1, 0}));
  EXPECT_EQ(found[0].packet[Field::Dport], 22u);
  EXPECT_EQ(found[1].answer, Answer::No);
  EXPECT_EQ(found[2].answer, Answer::Yes);
  EXPECT_EQ(found[2].by, std::nullopt);
}

TEST(Admits, KnowsReturnsAndGotosOfTheHooksChain) {
  EXPECT_EQ(Text(":INPUT DROP [0:0]\n-A INPUT -p tcp -j RETURN\n-A INPUT -j ACCEPT\n").answer(toPort(22)), Answer::No);
  EXPECT_EQ(Text(":INPUT DROP [0:0]\n:A - [0:0]\n-A INPUT -p tcp -g A\n-A INPUT -j ACCEPT\n").answer(toPort(22)),
            Answer::No);
  EXPECT_EQ(Text(":INPUT ACCEPT [0:0]\n:A - [0:0]\n-A INPUT -g A\n-A INPUT -j DROP\n").answer(toPort(22)), Answer::Yes);
}

TEST(Admits, OtherHooksAreOfNoMatter) {
  Text rules(":INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n-A FORWARD -j A\n-A A -j ACCEPT\n");
  EXPECT_EQ(rules.answer(toPort(22)), Answer::No);
  EXPECT_EQ(Text(":FORWARD ACCEPT [0:0]\n").answer(toPort(22)), Answer::Unknown);
}

TEST(Admits, WhatIsNotModelledIsNeverReliedOn) {
  const char *knock = ":INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -m recent --rcheck --name knock -j ACCEPT\n";
  EXPECT_EQ(Text(knock).answer(toPort(22)), Answer::Unknown);
  EXPECT_EQ(Text(knock).answer(toPort(80)), Answer::No);
  EXPECT_EQ(Text(knock).answer(toPort(22), Ending::Refused), Answer::Unknown);
  EXPECT_EQ(Text(knock).answer(toPort(80), Ending::Refused), Answer::Yes);
  EXPECT_EQ(Text(":INPUT ACCEPT [0:0]\n-A INPUT -m string --algo bm --string x -j DROP\n").answer(toPort(22)),
            Answer::Unknown);
  EXPECT_EQ(Text(":INPUT ACCEPT [0:0]\n-A INPUT -j NFQUEUE\n").answer(toPort(22)), Answer::Unknown);
  EXPECT_EQ(Text(":INPUT - [0:0]\n").answer(toPort(22)), Answer::Unknown);
  EXPECT_EQ(Text(":INPUT DROP [0:0]\n-A INPUT -j WHATEVER\n").answer(toPort(22)), Answer::Unknown);
}

TEST(Admits, ALimitedLogChangesNothing) {
  Text rules(
      ":INPUT DROP [0:0]\n:LOGS - [0:0]\n-A INPUT -m limit --limit 5/min -j LOGS\n-A LOGS -j LOG\n"
      "-A LOGS -p udp -j ACCEPT\n-A INPUT -m limit --limit 1/sec -j LOG\n-A INPUT -p tcp --dport 22 -j ACCEPT\n");
  EXPECT_EQ(rules.answer(toPort(22)), Answer::Yes);
}

TEST(Admits, MarksAreFollowed) {
  Text rules(":INPUT DROP [0:0]\n-A INPUT -i eth0 -j MARK --set-mark 1\n-A INPUT -m mark --mark 1 -j ACCEPT\n");
  Kind fresh = {is(Field::Mark, 0), is(Field::In, packet::interfaceValue("eth0"))};
  EXPECT_EQ(rules.answer(fresh), Answer::Yes);
  Kind other = {is(Field::Mark, 0), is(Field::In, packet::interfaceValue("eth1"))};
  EXPECT_EQ(rules.answer(other), Answer::No);
  // Asked of some kinds only, they would be those behind the change.
  EXPECT_EQ(rules.ask({fresh, Kind{is(Field::Mark, 1)}})[0].answer, Answer::Unknown);
}

TEST(Admits, UncertainFieldsCountAsUnknown) {
  Text rules(":INPUT DROP [0:0]\n-A INPUT -m mac --mac-source 02:00:00:00:00:07 -j ACCEPT\n");
  EXPECT_EQ(rules.answer(toPort(22)), Answer::Yes);
  AdmitsOptions options;
  options.uncertain.set(unsigned(Field::Mac));
  EXPECT_EQ(rules.ask(toPort(22), Ending::Accepted, options).answer, Answer::Unknown);
}

TEST(Admits, CyclesAreNotLookedAt) {
  EXPECT_EQ(Text(":INPUT ACCEPT [0:0]\n:A - [0:0]\n-A INPUT -j A\n-A A -j A\n").answer(toPort(22)), Answer::Unknown);
}

// --- against eval

/// Splitmix64, public domain.
class Dice {
public:
  explicit Dice(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15 + 1) {}
  size_t roll(size_t below) {
    uint64_t value = state += 0x9e3779b97f4a7c15;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return size_t((value ^ value >> 31) % below);
  }
  template <typename Item, size_t count> const Item &of(const Item (&items)[count]) { return items[roll(count)]; }

private:
  uint64_t state;
};

/// Up to five rules in each of INPUT, A and B, which is called by A.
std::string randomRules(Dice &dice, bool withUnknowns) {
  static const char *const known[] = {"",
                                      "",
                                      "-s 10.0.0.0/8",
                                      "! -s 10.0.0.0/8",
                                      "-i eth0",
                                      "-p tcp --dport 22",
                                      "-p tcp --dport 80",
                                      "-m mark --mark 1"};
  static const char *const unknown[] = {"-m string --algo bm --string x", "-m limit --limit 1/sec",
                                        "-m string --algo bm ! --string x"};
  static const char *const targets[] = {
      "-j ACCEPT", "-j DROP", "-j ACCEPT", "-j REJECT", "-j RETURN", "-j LOG", "-j MARK --set-xmark 1"};
  static const char *const policies[] = {"ACCEPT", "DROP"};
  std::string text = fmt::format(":INPUT {} [0:0]\n:A - [0:0]\n:B - [0:0]\n",
                                 withUnknowns && dice.roll(8) == 0 ? "-" : dice.of(policies));
  const char *chains[] = {"INPUT", "A", "B"};
  for (size_t chain = 0; chain != 3; ++chain)
    for (size_t rules = dice.roll(6); rules != 0; --rules) {
      bool leadsOn = chain != 2 && dice.roll(3) == 0;
      bool isOpen = withUnknowns && dice.roll(4) == 0;
      std::string target =
          leadsOn ? fmt::format("{} {}", dice.roll(3) == 0 ? "-g" : "-j", chain == 1 || dice.roll(2) ? "B" : "A")
                  : dice.of(targets);
      if (isOpen && dice.roll(6) == 0)
        target = "-j NFQUEUE";
      text += fmt::format("-A {} {} {} {}\n", chains[chain], dice.of(known), isOpen ? dice.of(unknown) : "", target);
    }
  return text;
}

/// Gives every sequence of answers, one after the other.
class EveryAnswer : public eval::Oracle {
public:
  bool next() {
    while (!given.empty() && given.back())
      given.pop_back();
    if (given.empty())
      return false;
    given.back() = true;
    return true;
  }
  void begin() { asked = 0; }

  bool meets(const ir::OpaqueTest &) override { return choose(); }
  bool holdsAfterRewrite(const ir::OpaqueTest &, unsigned) override { return choose(); }
  Value anyValue(Field) override { return choose(); }
  bool opaqueTargetEnds(const ir::Rule &) override { return choose(); }
  bool brokenRuleMatches(const ir::Rule &) override { return choose(); }
  bool policyAccepts(const ir::Chain &) override { return choose(); }

private:
  bool choose() {
    if (asked == given.size())
      given.push_back(false);
    return given[asked++];
  }
  std::vector<bool> given;
  size_t asked = 0;
};

/// Calls visit with each way the packet can end; what looks at its payload may hold or not.
template <typename Visit> void forEachEnd(const ir::Table &table, packet::Packet packet, Visit visit) {
  for (bool holds : {false, true}) {
    packet.assume = {{"-m string --string \"x\" --algo bm", holds}, {"-m string --string x --algo bm", holds}};
    EveryAnswer oracle;
    do {
      oracle.begin();
      visit(eval::evaluate(table, packet, oracle));
    } while (oracle.next());
  }
}

bool mayEnd(const eval::Outcome &outcome, Ending ending) {
  bool accepts = outcome.verdict == "ACCEPT", queued = outcome.verdict.find("QUEUE") != std::string::npos;
  return queued || accepts == (ending == Ending::Accepted);
}

/// Every packet of a small world that the rules above tell apart.
std::vector<packet::Packet> world() {
  std::vector<packet::Packet> packets;
  for (Value source : {0x0a000001u, 0xc0000201u})
    for (const char *interface : {"eth0", "eth1"})
      for (Value port : {22, 80, 443})
        for (Value mark : {0, 1}) {
          packet::Packet packet;
          packet[Field::Hook] = Value(Hook::Input);
          packet[Field::Src] = source;
          packet[Field::In] = packet::interfaceValue(interface);
          packet[Field::Proto] = packet::kTcp;
          packet[Field::Dport] = port;
          packet[Field::Mark] = mark;
          packets.push_back(packet);
        }
  return packets;
}

struct Tally {
  unsigned yes = 0, no = 0, unknown = 0;
};

class AgainstEval {
public:
  explicit AgainstEval(bool withUnknowns) : withUnknowns(withUnknowns) {}

  void check(uint64_t seed) {
    Dice dice(seed);
    std::string rules = randomRules(dice, withUnknowns);
    SCOPED_TRACE(rules);
    Text text(rules);
    ASSERT_FALSE(text.parsed.incomplete);
    std::vector<Kind> kinds;
    for (Value port : {22, 80, 443}) {
      kinds.push_back(toPort(port));
      kinds.back().push_back(is(Field::Mark, 0));
    }
    for (Ending ending : {Ending::Accepted, Ending::Refused}) {
      std::vector<Admission> found = text.ask(kinds, ending);
      for (size_t kind = 0; kind != kinds.size(); ++kind)
        judge(text.table(), found[kind], Value(kind == 0 ? 22 : kind == 1 ? 80 : 443), ending);
    }
  }

  Tally tally;

private:
  void judge(const ir::Table &table, const Admission &found, Value port, Ending ending) {
    switch (found.answer) {
    case Answer::Yes:
      ++tally.yes;
      EXPECT_EQ(found.packet[Field::Dport], port);
      EXPECT_EQ(found.packet[Field::Mark], 0u);
      forEachEnd(table, found.packet, [&](const eval::Outcome &outcome) {
        EXPECT_EQ(outcome.verdict == "ACCEPT", ending == Ending::Accepted) << outcome.verdict;
        if (!withUnknowns) {
          EXPECT_EQ(outcome.decidedBy, found.by);
        }
      });
      break;
    case Answer::No:
      ++tally.no;
      for (const packet::Packet &packet : world())
        if (packet[Field::Dport] == port && packet[Field::Mark] == 0)
          forEachEnd(table, packet, [&](const eval::Outcome &outcome) { EXPECT_FALSE(mayEnd(outcome, ending)); });
      break;
    case Answer::Unknown:
      ++tally.unknown;
      EXPECT_TRUE(withUnknowns);
      break;
    }
  }

  bool withUnknowns;
};

} // namespace

TEST(Admits, AgreesWithEvalWhereAllIsKnown) {
  AgainstEval comparison(false);
  for (uint64_t seed = 0; seed != 1500 && !testing::Test::HasFailure(); ++seed)
    comparison.check(seed);
  EXPECT_GT(comparison.tally.yes, 2000u);
  EXPECT_GT(comparison.tally.no, 2000u);
}

TEST(Admits, AgreesWithEvalWhereSomethingIsOpen) {
  AgainstEval comparison(true);
  for (uint64_t seed = 0; seed != 1500 && !testing::Test::HasFailure(); ++seed)
    comparison.check(seed);
  EXPECT_GT(comparison.tally.yes, 1000u);
  EXPECT_GT(comparison.tally.no, 1000u);
  EXPECT_GT(comparison.tally.unknown, 300u);
}

} // namespace iptlint::analysis
