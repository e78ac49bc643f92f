// One packet through a whole machine: in what order hooks and tables come, and what happens between them.
#include "Traces.h"

namespace iptlint::eval {
namespace {

using testing::ElementsAre;

constexpr const char *kFromLan = "-i lan -p tcp -s 10.0.0.9 --sport 40000 -d 203.0.113.7 --dport 80";
constexpr const char *kToRouter = "-i lan -p tcp -s 10.0.0.9 --sport 40000 -d 192.0.2.1 --dport 22";
constexpr const char *kOwn = "-p tcp -d 10.0.0.9 --dport 80";

/// Every table with every chain, so that each leaves its policy as a step.
constexpr const char *kEverything =
    "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
    ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n"
    "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    ":POSTROUTING ACCEPT [0:0]\nCOMMIT\n"
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    "*security\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

TEST(Journey, ForwardedPacketsPassTheseTables) {
  EXPECT_EQ(Traced(kEverything).way(kFromLan),
            "raw/PREROUTING=ACCEPT mangle/PREROUTING=ACCEPT nat/PREROUTING=ACCEPT ->wan mangle/FORWARD=ACCEPT "
            "filter/FORWARD=ACCEPT security/FORWARD=ACCEPT mangle/POSTROUTING=ACCEPT nat/POSTROUTING=ACCEPT "
            "forward wan to 192.0.2.254");
}

TEST(Journey, PacketsForTheMachinePassThese) {
  EXPECT_EQ(Traced(kEverything).way(kToRouter),
            "raw/PREROUTING=ACCEPT mangle/PREROUTING=ACCEPT nat/PREROUTING=ACCEPT ->local mangle/INPUT=ACCEPT "
            "filter/INPUT=ACCEPT security/INPUT=ACCEPT nat/INPUT=ACCEPT input");
}

TEST(Journey, PacketsOfItsOwnPassThese) {
  EXPECT_EQ(Traced(kEverything).way(kOwn),
            "->lan raw/OUTPUT=ACCEPT mangle/OUTPUT=ACCEPT nat/OUTPUT=ACCEPT filter/OUTPUT=ACCEPT "
            "security/OUTPUT=ACCEPT mangle/POSTROUTING=ACCEPT nat/POSTROUTING=ACCEPT output lan to 10.0.0.9");
}

/// They come back by lo, and nat has seen them.
TEST(Journey, PacketsOfItsOwnToAnOwnAddressPassThese) {
  EXPECT_EQ(Traced(kEverything).way("-p tcp -d 192.0.2.1 --dport 80"),
            "->local raw/OUTPUT=ACCEPT mangle/OUTPUT=ACCEPT nat/OUTPUT=ACCEPT filter/OUTPUT=ACCEPT "
            "security/OUTPUT=ACCEPT mangle/POSTROUTING=ACCEPT nat/POSTROUTING=ACCEPT raw/PREROUTING=ACCEPT "
            "mangle/PREROUTING=ACCEPT nat-PREROUTING- mangle/INPUT=ACCEPT filter/INPUT=ACCEPT security/INPUT=ACCEPT "
            "nat-INPUT- input");
}

TEST(Journey, InterfacesAreThoseOfTheHook) {
  Traced lo("*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"
            "*mangle\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A OUTPUT -o lo -j MARK --set-mark 1\n"
            "-A POSTROUTING -o lo -m mark --mark 1\nCOMMIT\n");
  EXPECT_EQ(lo.way("-p tcp -d 192.0.2.1 --dport 80"),
            "->local mangle/OUTPUT/1[mark=0x1] mangle/OUTPUT=ACCEPT ->local mangle/POSTROUTING/1 "
            "mangle/POSTROUTING=ACCEPT filter/INPUT/1 input");
  EXPECT_EQ(lo.way(kToRouter), "->local filter/INPUT=DROP drop");
  Traced both("*mangle\n:POSTROUTING ACCEPT [0:0]\n:C - [0:0]\n-A POSTROUTING -j C\n-A C -i lan -o wan\n-A C ! -i "
              "lan\nCOMMIT\n");
  EXPECT_EQ(both.way(kFromLan),
            "->wan mangle/POSTROUTING/1 mangle/C/1 mangle/POSTROUTING=ACCEPT forward wan to 192.0.2.254");
  EXPECT_EQ(both.way(kOwn), "->lan mangle/POSTROUTING/1 mangle/C/2 mangle/POSTROUTING=ACCEPT output lan to 10.0.0.9");
}

TEST(Journey, AcceptEndsItsTableAtItsHookOnly) {
  Traced machine("*mangle\n:FORWARD DROP [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n"
                 "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -j DROP\nCOMMIT\n");
  EXPECT_EQ(machine.way(kFromLan), "->wan mangle/FORWARD/1 filter/FORWARD/1 drop");
  EXPECT_EQ(machine.way("-i lan -p udp -s 10.0.0.9 -d 203.0.113.7 --dport 80"),
            "->wan mangle/FORWARD/1 filter/FORWARD=ACCEPT forward wan to 192.0.2.254");
}

TEST(Journey, DnatComesBeforeRoutingAndFilter) {
  Traced machine(
      "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i wan -p tcp --dport 80 -j DNAT --to-destination 10.0.0.9:8080\n"
      "-A PREROUTING -j RETURN\nCOMMIT\n"
      "*filter\n:FORWARD DROP [0:0]\n:INPUT DROP [0:0]\n-A FORWARD -d 10.0.0.9/32 -p tcp -m conntrack --ctstate DNAT "
      "-m tcp --dport 8080 -j ACCEPT\nCOMMIT\n");
  EXPECT_EQ(machine.way("-i wan -p tcp -s 203.0.113.7 -d 192.0.2.1 --dport 80"),
            "nat/PREROUTING/1[dst=10.0.0.9][dport=8080] ->lan filter/FORWARD/1 forward lan to 10.0.0.9");
  EXPECT_EQ(machine.way("-i wan -p tcp -s 203.0.113.7 -d 192.0.2.1 --dport 81"),
            "nat/PREROUTING/2 nat/PREROUTING=ACCEPT ->local filter/INPUT=DROP drop");
  EXPECT_EQ(machine.way("-i wan -p tcp -s 203.0.113.7 -d 10.0.0.9 --dport 8080"),
            "nat/PREROUTING/2 nat/PREROUTING=ACCEPT ->lan filter/FORWARD=DROP drop")
      << "the same address and port without DNAT";
}

TEST(Journey, NatIsNotAskedAboutWhatHasNoFlow) {
  const char *rules = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n"
                      "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n";
  EXPECT_EQ(Traced(rules).way("-i lan -p tcp -s 10.0.0.9 -d 203.0.113.7 --dport 80 --tcp-flags ALL RST"),
            "raw/PREROUTING=ACCEPT nat-PREROUTING- ->wan nat-POSTROUTING- forward wan to 192.0.2.254");
  EXPECT_EQ(Traced(rules).way("-i lan -p udp -s 10.0.0.9 -d 203.0.113.7 --dport 80"),
            "raw/PREROUTING/1[ctstate=UNTRACKED] raw/PREROUTING=ACCEPT nat-PREROUTING- ->wan nat-POSTROUTING- forward "
            "wan to 192.0.2.254");
  EXPECT_EQ(Traced(rules).way("-i lan -p tcp -s 10.0.0.9 -d 203.0.113.7 --dport 80 --tcp-flags ALL ACK"),
            "raw/PREROUTING=ACCEPT ->wan nat/POSTROUTING/1[src=192.0.2.1] forward wan to 192.0.2.254")
      << "a bare ACK begins a flow";
}

TEST(Journey, RawComesBeforeConntrack) {
  Traced machine("*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate NEW\n-A PREROUTING -m conntrack "
                 "--ctstate INVALID\nCOMMIT\n"
                 "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate NEW\n-A PREROUTING -m "
                 "conntrack --ctstate INVALID\nCOMMIT\n");
  EXPECT_EQ(machine.way(kFromLan), "raw/PREROUTING/2 raw/PREROUTING=ACCEPT mangle/PREROUTING/1 "
                                   "mangle/PREROUTING=ACCEPT ->wan forward wan to 192.0.2.254");
}

TEST(Journey, LaterPacketsAreRewrittenWithoutARule) {
  Traced machine("*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -d 192.0.2.1/32 -p tcp -j "
                 "DNAT --to-destination 10.0.0.9:8080\n"
                 "-A POSTROUTING -o lan -j SNAT --to-source 10.0.0.1\nCOMMIT\n");
  EXPECT_EQ(machine.way("-i wan -p tcp -s 203.0.113.7 -d 192.0.2.1 --dport 80 --ctstate ESTABLISHED"),
            "first: nat/PREROUTING/1[dst=10.0.0.9][dport=8080] ->lan nat/POSTROUTING/1[src=10.0.0.1] forward lan to "
            "10.0.0.9 | "
            "nat-PREROUTING- conntrack[dst=10.0.0.9][dport=8080] ->lan nat-POSTROUTING- conntrack[src=10.0.0.1] "
            "forward lan to 10.0.0.9");
}

TEST(Journey, AFlowWhoseFirstPacketIsDroppedIsNotThere) {
  Traced machine("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n");
  EXPECT_EQ(machine.way(std::string(kFromLan) + " --ctstate ESTABLISHED"),
            "first: ->wan filter/FORWARD=DROP drop | unknown (there is no such flow: its first packet does not come "
            "through)");
}

TEST(Journey, TheAnswerIsTranslatedBack) {
  Traced machine("*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -d 192.0.2.1/32 -p tcp -j "
                 "DNAT --to-destination 10.0.0.9:8080\n"
                 "-A POSTROUTING -o lan -j SNAT --to-source 10.0.0.1\nCOMMIT\n");
  Story told = machine.reply().story("-i wan -p tcp -s 203.0.113.7 --sport 40000 -d 192.0.2.1 --dport 80");
  ASSERT_EQ(told.paths.size(), 1u);
  const Leg &answer = told.paths[0].legs.back();
  EXPECT_EQ(packet::inIptablesWords(answer.trip.sent).substr(0, 67),
            "-i lan -p tcp -s 10.0.0.9 -d 10.0.0.1 --sport 8080 --dport 40000 --");
  EXPECT_EQ(machine.wayOf(answer.trip), "nat-PREROUTING- conntrack[dst=203.0.113.7] ->wan nat-POSTROUTING- "
                                        "conntrack[src=192.0.2.1][sport=80] forward wan to 192.0.2.254");
}

TEST(Journey, TargetsOfNat) {
  auto way = [](llvm::StringRef chain, llvm::StringRef target, const char *packet) {
    return Traced(("*nat\n:" + chain + " ACCEPT [0:0]\n-A " + chain + " " + target + "\nCOMMIT\n").str()).way(packet);
  };
  EXPECT_EQ(way("PREROUTING", "-p tcp -j REDIRECT --to-ports 3128", kFromLan),
            "nat/PREROUTING/1[dst=10.0.0.1][dport=3128] ->local input")
      << "the primary address of the interface it came by";
  EXPECT_EQ(way("OUTPUT", "-p tcp -j REDIRECT --to-ports 3128", kOwn),
            "->lan nat/OUTPUT/1[dst=127.0.0.1][dport=3128] ->local nat-PREROUTING- nat-INPUT- input");
  EXPECT_EQ(way("POSTROUTING", "-j MASQUERADE", kFromLan),
            "->wan nat/POSTROUTING/1[src=192.0.2.1] forward wan to 192.0.2.254");
  EXPECT_EQ(way("POSTROUTING", "-p tcp -j MASQUERADE --to-ports 61000-62000", kFromLan),
            "->wan nat/POSTROUTING/1[src=192.0.2.1][sport=?] forward wan to 192.0.2.254");
  EXPECT_EQ(way("POSTROUTING", "-p tcp -j SNAT --to-source 192.0.2.7:39000-41000", kFromLan),
            "->wan nat/POSTROUTING/1[src=192.0.2.7] forward wan to 192.0.2.254")
      << "a port of the range stays";
  EXPECT_EQ(way("PREROUTING", "-j NETMAP --to 10.0.0.0/28", "-i wan -p tcp -s 203.0.113.7 -d 198.51.100.66 --dport 80"),
            "nat/PREROUTING/1[dst=10.0.0.2] ->lan forward lan to 10.0.0.2");
  EXPECT_EQ(way("PREROUTING", "-p tcp -j DNAT --to-destination 10.0.0.9:5000-5009/79", kFromLan),
            "nat/PREROUTING/1[dst=10.0.0.9][dport=5001] ->lan forward lan to 10.0.0.9");
  EXPECT_EQ(way("PREROUTING", "-j ACCEPT", kFromLan), "nat/PREROUTING/1 ->wan forward wan to 192.0.2.254");
}

TEST(Journey, DnatToLoopbackIsAMartian) {
  Traced machine("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination 127.0.0.1\nCOMMIT\n");
  Story told = machine.story(kFromLan);
  EXPECT_EQ(told.paths[0].asked().trip.ending, Ending::None);
}

TEST(Journey, RoutingDropsAfterPreroutingHasCounted) {
  const char *rules = "*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING -p tcp\nCOMMIT\n";
  std::string counted = "mangle/PREROUTING/1 mangle/PREROUTING=ACCEPT ";
  EXPECT_EQ(Traced(rules).way(std::string(kFromLan) + " --ttl 1"),
            counted + "->wan none (the time to live is used up (ICMP 11/0))");
  EXPECT_EQ(Traced(rules).way(std::string(kToRouter) + " --ttl 1"), counted + "->local input") << "it is at its end";
  auto toward = [&](const char *route) {
    return Traced(rules).routes(std::string(kRoutes) + route).story(kFromLan).paths[0].asked().trip;
  };
  EXPECT_EQ(toward("blackhole 203.0.113.0/24\n").ending, Ending::None);
  EXPECT_EQ(toward("blackhole 203.0.113.0/24\n").icmp, std::nullopt);
  EXPECT_EQ(toward("prohibit 203.0.113.0/24\n").icmp, 3 << 8 | 13);
  EXPECT_EQ(toward("unreachable 203.0.113.0/24\n").icmp, 3 << 8 | 1);
  EXPECT_EQ(toward("").ending, Ending::Forward);
}

TEST(Journey, ForwardingLosesAHopBeforeTheRules) {
  Traced machine("*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING -m ttl --ttl-eq 5\n-A "
                 "FORWARD -m ttl --ttl-eq 4\n-A FORWARD -m ttl --ttl-eq 5\nCOMMIT\n");
  EXPECT_EQ(machine.way(std::string(kFromLan) + " --ttl 5"),
            "mangle/PREROUTING/1 mangle/PREROUTING=ACCEPT ->wan mangle/FORWARD/1 mangle/FORWARD=ACCEPT forward wan to "
            "192.0.2.254");
}

TEST(Journey, MarksSteerRoutingWhereTheyAreSetBeforeIt) {
  auto marked = [](llvm::StringRef table, llvm::StringRef chain, const char *packet) {
    return Traced(
               ("*" + table + "\n:" + chain + " ACCEPT [0:0]\n-A " + chain + " -j MARK --set-mark 7\nCOMMIT\n").str())
        .routingRules("0: from all lookup local\n100: from all fwmark 0x7 lookup 100\n32766: from all lookup "
                      "main\n32767: from all lookup default\n")
        .routes(std::string(kRoutes) + "default via 10.0.0.77 dev lan table 100\n")
        .way(packet);
  };
  EXPECT_EQ(marked("mangle", "PREROUTING", "-i wan -p udp -s 203.0.113.7 -d 198.51.100.1 --dport 80"),
            "mangle/PREROUTING/1[mark=0x7] mangle/PREROUTING=ACCEPT ->lan forward lan to 10.0.0.77");
  EXPECT_EQ(marked("mangle", "FORWARD", "-i lan -p udp -s 10.0.0.9 -d 198.51.100.1 --dport 80"),
            "->wan mangle/FORWARD/1[mark=0x7] mangle/FORWARD=ACCEPT forward wan to 192.0.2.254");
  EXPECT_EQ(marked("mangle", "OUTPUT", "-p udp -d 198.51.100.1 --dport 80"),
            "->wan mangle/OUTPUT/1[mark=0x7] mangle/OUTPUT=ACCEPT ->lan output lan to 10.0.0.77");
  EXPECT_EQ(marked("filter", "OUTPUT", "-p udp -d 198.51.100.1 --dport 80"),
            "->wan filter/OUTPUT/1[mark=0x7] filter/OUTPUT=ACCEPT output wan to 192.0.2.254");
  EXPECT_EQ(marked("nat", "OUTPUT", "-p udp -d 198.51.100.1 --dport 80"),
            "->wan nat/OUTPUT/1[mark=0x7] nat/OUTPUT=ACCEPT output wan to 192.0.2.254");
}

TEST(Journey, RejectAnswersWhatMayBeAnswered) {
  auto end = [](llvm::StringRef rule, std::string packet) {
    return Traced::endOf(Traced(("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD " + rule + "\nCOMMIT\n").str())
                             .story("-i lan -s 10.0.0.9 -d 203.0.113.7 " + packet)
                             .paths[0]
                             .asked()
                             .trip);
  };
  EXPECT_EQ(end("-j REJECT", "-p tcp --dport 80"), "reject (icmp-port-unreachable)");
  EXPECT_EQ(end("-p tcp -j REJECT --reject-with tcp-reset", "-p tcp --dport 80"), "reject (tcp-reset)");
  EXPECT_EQ(end("-p tcp -j REJECT --reject-with tcp-reset", "-p tcp --dport 80 --tcp-flags ALL RST"), "reject");
  EXPECT_EQ(end("-j REJECT --reject-with host-prohib", "-p icmp --icmp-type echo-request"),
            "reject (icmp-host-prohibited)");
  EXPECT_EQ(end("-j REJECT", "-p icmp --icmp-type 3/1"), "reject");
}

TEST(Journey, WhatIsNotModelledIsNotKnown) {
  EXPECT_EQ(Traced("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j NFQUEUE --queue-num 1\nCOMMIT\n").way(kFromLan),
            "->wan filter/FORWARD/1 unknown (a program decides, to which NFQUEUE hands the packet)");
  EXPECT_EQ(Traced("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j NOSUCH\nCOMMIT\n").way(kFromLan),
            "->wan filter/FORWARD/1 unknown (what NOSUCH does (line 3) is not known)");
  EXPECT_EQ(
      Traced("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p udp -j NFQUEUE --queue-num 1\nCOMMIT\n").way(kFromLan),
      "->wan filter/FORWARD=ACCEPT forward wan to 192.0.2.254");
}

TEST(Journey, FragmentsAreFollowedWhereNothingPutsThemTogether) {
  const char *rules = "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p udp --dport 80 -j DROP\nCOMMIT\n";
  const char *fragment = "-i lan -p udp -s 10.0.0.9 -d 203.0.113.7 -f";
  EXPECT_EQ(Traced(rules).way(fragment), "->wan filter/FORWARD=ACCEPT forward wan to 192.0.2.254") << "it has no port";
  EXPECT_EQ(Traced(rules).nft().story(fragment).paths[0].asked().trip.ending, Ending::Unknown);
  std::string tracked = std::string(rules) + "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";
  EXPECT_EQ(Traced(tracked).story(fragment).paths[0].asked().trip.ending, Ending::Unknown);
}

TEST(Journey, NftDropsConditionsThatLegacyNeverMeets) {
  const char *passes = "->wan filter/FORWARD=ACCEPT forward wan to 192.0.2.254";
  auto rules = [](std::string conditions) {
    return "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD " + conditions + " -j DROP\nCOMMIT\n";
  };
  for (const char *dropped : {"-p tcp -m tcp ! --dport 0:65535", "-p tcp -m tcp ! --sport 0:65535", "-p tcp -m tcp ! --tcp-flags NONE NONE"}) {
    EXPECT_EQ(Traced(rules(dropped)).way(kFromLan), passes) << dropped;
    EXPECT_EQ(Traced(rules(dropped)).nft().way(kFromLan), "->wan filter/FORWARD/1 drop") << dropped;
  }
  for (const char *kept : {"! -i +", "-p tcp -m multiport ! --dports 0:65535", "-p tcp -m multiport ! --ports 0:65535",
                           "-p tcp -m tcp ! --dport 0:65535 -m multiport ! --dports 0:65535", "-m length ! --length 0:65535"}) {
    EXPECT_EQ(Traced(rules(kept)).way(kFromLan), passes) << kept;
    EXPECT_EQ(Traced(rules(kept)).nft().way(kFromLan), passes) << kept;
  }
}

} // namespace
} // namespace iptlint::eval
