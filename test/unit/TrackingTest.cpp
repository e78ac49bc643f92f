// analysis and smt each say on their own which rules make the kernel put fragments together; they must say the same.
#include "analysis/Reach.h"
#include "parse/Parse.h"
#include "smt/Tracking.h"
#include <gtest/gtest.h>

namespace iptlint {

static void expectBoth(const std::string &rule, bool tracks) {
  std::string text = "*mangle\n:PREROUTING ACCEPT [0:0]\n:DNAT - [0:0]\n" + rule + "\nCOMMIT\n";
  parse::ParsedRules parsed = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4});
  const ir::Table &table = parsed.rulesets.front().tables.front();
  EXPECT_EQ(analysis::usesConntrack(table), tracks) << rule;
  EXPECT_EQ(smt::tracksConnections(table), tracks) << rule;
}

TEST(Tracking, BothAccountsAgree) {
  expectBoth("-A PREROUTING -s 10.0.0.0/8 -j ACCEPT", false);
  expectBoth("-A PREROUTING -m conntrack --ctstate NEW -j ACCEPT", true);
  expectBoth("-A PREROUTING -m connmark --mark 0x1 -j ACCEPT", true);
  expectBoth("-A PREROUTING -m \"connmark\" --mark 0x1 -j ACCEPT", true);
  expectBoth("-A PREROUTING -m socket --transparent -j ACCEPT", true);
  expectBoth("-A PREROUTING -m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0x1 -j ACCEPT", true);
  expectBoth("-A PREROUTING -p tcp -j TPROXY --on-port 80", true);
  expectBoth("-A PREROUTING -j CONNMARK --save-mark", true);
  expectBoth("-A PREROUTING -g DNAT", false); // a chain that is called like a target
}

} // namespace iptlint
