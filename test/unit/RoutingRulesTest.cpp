// Which rule leads to which table: each selector, with a packet that it takes and one that it does not.
#include "RoutingMachine.h"

namespace iptlint::eval {

/// The rule that is tested leads to the table 100, which goes out of em2; everything else goes out of em1.
class RoutingRules : public testing::Test {
protected:
  Machine machine;
  ir::RoutingRule *rule = nullptr;

  void SetUp() override {
    machine.address("em1", "10.1.0.1/16");
    machine.address("em2", "10.2.0.1/16");
    machine.routes("default via 10.1.0.9 dev em1\ndefault via 10.2.0.9 dev em2 table 100\n"
                   "local 10.1.0.1 dev em1 table local proto kernel scope host src 10.1.0.1\n"
                   "local 10.2.0.1 dev em2 table local proto kernel scope host src 10.2.0.1\n");
    machine.startRules();
    rule = &machine.rule(100, "100");
  }

  std::string device(const Flow &flow) {
    Decision decision = machine.decide(flow).front();
    return decision.fate == Fate::Out ? decision.device.str() : name(decision.fate).str();
  }
};

TEST_F(RoutingRules, From) {
  rule->from = prefixOf("10.1.0.0/24");
  EXPECT_EQ(device(received("em1", "10.1.0.255", "20.0.0.1")), "em2");
  EXPECT_EQ(device(received("em1", "10.1.1.0", "20.0.0.1")), "em1");
  EXPECT_EQ(device(sent("20.0.0.1")), "em1"); // no source is chosen yet
  EXPECT_EQ(device(sent("20.0.0.1", "10.1.0.1")), "em2");
}

TEST_F(RoutingRules, To) {
  rule->to = prefixOf("20.0.0.0/31");
  EXPECT_EQ(device(sent("20.0.0.1")), "em2");
  EXPECT_EQ(device(sent("20.0.0.2")), "em1");
}

TEST_F(RoutingRules, Not) {
  rule->to = prefixOf("20.0.0.0/31");
  rule->negated = true;
  EXPECT_EQ(device(sent("20.0.0.1")), "em1");
  EXPECT_EQ(device(sent("20.0.0.2")), "em2");
}

TEST_F(RoutingRules, IncomingInterface) {
  rule->in = "em1";
  EXPECT_EQ(device(received("em1", "10.1.0.7", "20.0.0.1")), "em2");
  EXPECT_EQ(device(received("em2", "10.2.0.7", "20.0.0.1")), "em1");
  rule->in = "lo"; // what the machine sends
  EXPECT_EQ(device(sent("20.0.0.1")), "em2");
  EXPECT_EQ(device(received("em1", "10.1.0.7", "20.0.0.1")), "em1");
}

TEST_F(RoutingRules, OutgoingInterface) {
  rule->out = "em2";
  Flow flow = sent("20.0.0.1");
  EXPECT_EQ(device(flow), "em1");
  flow.out = "em2";
  EXPECT_EQ(machine.decide(flow).front().table, "100");
}

TEST_F(RoutingRules, Mark) {
  rule->mark = 0x10;
  rule->markMask = 0x30;
  Flow flow = sent("20.0.0.1");
  flow.mark = 0x51;
  EXPECT_EQ(device(flow), "em2");
  flow.mark = 0x30;
  EXPECT_EQ(device(flow), "em1");
}

TEST_F(RoutingRules, Tos) {
  rule->tos = 0x08;
  Flow flow = sent("20.0.0.1");
  flow.tos = 0xe8;
  EXPECT_EQ(device(flow), "em2");
  flow.tos = 0x0c;
  EXPECT_EQ(device(flow), "em1");
}

TEST_F(RoutingRules, ProtocolAndPorts) {
  rule->protocol = 6;
  rule->sport = ir::RoutingRule::Span{1000, 2000};
  rule->dport = ir::RoutingRule::Span{80, 80};
  Flow flow = sent("20.0.0.1");
  flow.protocol = 6;
  flow.sport = 2000;
  flow.dport = 80;
  EXPECT_EQ(device(flow), "em2");
  for (auto change : {+[](Flow &each) { each.protocol = 17; }, +[](Flow &each) { each.sport = 2001; },
                      +[](Flow &each) { each.dport = 81; }}) {
    Flow other = flow;
    change(other);
    EXPECT_EQ(device(other), "em1");
  }
}

TEST_F(RoutingRules, UserOfTheSocketAndRootForWhatIsReceived) {
  rule->uid = ir::RoutingRule::Span{0, 999};
  Flow flow = sent("20.0.0.1");
  flow.uid = 1000;
  EXPECT_EQ(device(flow), "em1");
  flow.uid = 999;
  EXPECT_EQ(device(flow), "em2");
  Flow other = received("em1", "10.1.0.7", "20.0.0.1");
  other.uid = 1000;
  EXPECT_EQ(device(other), "em2");
}

TEST_F(RoutingRules, Refusals) {
  rule->action = ir::RoutingAction::Unreachable;
  Decision decision = machine.decide(received("em1", "10.1.0.7", "20.0.0.1")).front();
  EXPECT_EQ(decision.fate, Fate::Unreachable);
  EXPECT_EQ(decision.icmp, 0x300); // the network, not the host as of a route
  rule->action = ir::RoutingAction::Prohibit;
  EXPECT_EQ(machine.decide(received("em1", "10.1.0.7", "20.0.0.1")).front().icmp, 0x30d);
  rule->action = ir::RoutingAction::Blackhole;
  EXPECT_EQ(device(sent("20.0.0.1")), "blackhole");
}

TEST_F(RoutingRules, GotoGoesForwardAndANopDoesNothing) {
  rule->action = ir::RoutingAction::Goto;
  rule->goesTo = 300;
  machine.rule(200, "").action = ir::RoutingAction::Prohibit;
  machine.rule(300, "").action = ir::RoutingAction::Nop;
  EXPECT_EQ(device(sent("20.0.0.1")), "em1");
  machine.network.rules[3].goesTo = 299; // no such rule: as if this one were not there
  EXPECT_EQ(device(sent("20.0.0.1")), "prohibit");
}

TEST_F(RoutingRules, SuppressPassesOverShortPrefixes) {
  rule->suppressLength = 0;
  EXPECT_EQ(device(sent("20.0.0.1")), "em1");
  machine.routes("20.0.0.0/8 via 10.2.0.9 dev em2 table 100\n");
  EXPECT_EQ(device(sent("20.0.0.1")), "em2");
}

TEST_F(RoutingRules, SuppressPassesOverADeviceGroup) {
  rule->suppressGroup = "7";
  machine.interface("em2").group = "default";
  EXPECT_EQ(device(sent("20.0.0.1")), "em2");
  machine.interface("em2").group = "7";
  EXPECT_EQ(device(sent("20.0.0.1")), "em1");
  machine.interface("em2").group = "";
  EXPECT_EQ(inShort(machine.decide(sent("20.0.0.1"))), "out em2 via 10.2.0.9 if em2 is not in device group 7 | "
                                                       "out em1 via 10.1.0.9 if em2 is in device group 7");
}

TEST_F(RoutingRules, RuleThatIsNotModelledForks) {
  rule->opaque = true;
  EXPECT_EQ(inShort(machine.decide(sent("20.0.0.1"))),
            "out em1 via 10.1.0.9 if the rule '100: from all lookup 100' does not hold | "
            "unknown if the rule '100: from all lookup 100' holds");
  EXPECT_EQ(inShort(machine.decide(sent("10.1.0.1"))), "local"); // an earlier rule decides
}

TEST_F(RoutingRules, TableThatNoTextShowsForks) {
  machine.network.knowsAllTables.ipv4 = false;
  rule->table = "400";
  Decisions decisions = machine.decide(sent("20.0.0.1"));
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(inShort(decisions[0]), "out em1 via 10.1.0.9");
  EXPECT_EQ(decisions[1].reason, "the routes of the table 400 are not shown");
  machine.network.knowsAllTables.ipv4 = true; // then it is empty
  EXPECT_EQ(inShort(machine.decide(sent("20.0.0.1"))), "out em1 via 10.1.0.9");
}

TEST_F(RoutingRules, PortOfAVrfIsUnknown) {
  machine.interface("em1").master = "red";
  EXPECT_EQ(device(received("em1", "10.1.0.7", "20.0.0.1")), "em2");
  machine.interface("red").kind = "vrf";
  Decision decision = machine.decide(received("em1", "10.1.0.7", "20.0.0.1")).front();
  EXPECT_EQ(decision.fate, Fate::Unknown);
  EXPECT_EQ(decision.reason, "em1 is in the VRF red, and VRFs are not modelled");
  EXPECT_EQ(device(received("em2", "10.2.0.7", "20.0.0.1")), "em2");
}

} // namespace iptlint::eval
