// Listings of `iptables -L`: columns, phrases, and what is made of what they hide.
#include "emit/Emit.h"
#include "parse/ListingPattern.h"
#include "parse/ListingRow.h"
#include "parse/ListingTables.h"
#include "parse/Parse.h"
#include <gmock/gmock.h>

namespace iptlint::parse {
namespace {

ParsedRules read(llvm::StringRef text) {
  RulesOptions options;
  options.form = ir::Form::L;
  return parseRules(support::Source::fromText(text), options);
}

/// The words of the only rule in a listing with one row.
std::string ruleOf(llvm::StringRef row) {
  ParsedRules parsed = read(("Chain FORWARD (policy ACCEPT)\n"
                             "target     prot opt source               destination\n" +
                             row + "\n")
                                .str());
  const ir::Table &table = parsed.rulesets.at(0).tables.at(0);
  return emit::ruleText(table.chains.at(0), table.chains.at(0).rules.at(0));
}

TEST(ParseListing, ColumnsAreThoseOfTheHeading) {
  auto plain = readColumns("target     prot opt source               destination");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->number || plain->counters || plain->interfaces);
  auto all = readColumns("num   pkts bytes target     prot opt in     out     source               destination");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->number && all->counters && all->interfaces);
  EXPECT_FALSE(readColumns("target prot source destination"));
}

TEST(ParseListing, ATargetMayBeMissingOrMoveTheRow) {
  ListingColumns columns =
      *readColumns(" pkts bytes target     prot opt in     out     source               destination");
  auto row = readRow("  634  170K fail2ban-postfix  tcp  --  *      !em1    0.0.0.0/0            !10.0.0.0/8           "
                     " multiport dports 25",
                     columns);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->target, "fail2ban-postfix");
  EXPECT_EQ(row->out, "!em1");
  EXPECT_EQ(row->destination, "!10.0.0.0/8");
  EXPECT_EQ(row->phrases, "multiport dports 25");
  row = readRow("    0     0            udp  --  any    any     anywhere             anywhere", columns);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->target, "");
  EXPECT_EQ(row->protocol, "udp");
}

TEST(ParseListing, OldVersionsLeaveOptBlankForIPv6) {
  ListingColumns columns = *readColumns("target     prot opt source               destination");
  auto row = readRow("ACCEPT     tcp      ::/0                 2001:db8::/32", columns);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->target, "ACCEPT");
  EXPECT_EQ(row->destination, "2001:db8::/32");
  row = readRow("           tcp      ::/0                 2001:db8::/32", columns);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->target, "");
}

TEST(ParseListing, ProseIsNoRule) {
  ListingColumns columns = *readColumns("target     prot opt source               destination");
  EXPECT_FALSE(readRow("these are the rules of the router", columns));
  EXPECT_FALSE(readRow("root@router:~# iptables -t nat -L -n", columns));
  EXPECT_FALSE(readRow("ACCEPT     tcp", columns));
}

TEST(ParseListing, APatternTakesWholeWords) {
  auto fit = fitPhrase("{!}ctstate {w}", "! ctstate NEW,RELATED LOG");
  ASSERT_TRUE(fit);
  EXPECT_TRUE(fit->negated);
  EXPECT_EQ(fit->value('w'), "NEW,RELATED");
  EXPECT_EQ(fit->length, 21u);
  EXPECT_FALSE(fitPhrase("tcp", "tcpmss match 100"));
  EXPECT_FALSE(fitPhrase("length {!}{n}", "length many"));
  auto quoted = fitPhrase("STRING match {!}\"{q}\" ALGO name {w}", "STRING match  \"a \"b\" c\" ALGO name bm");
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->value('q'), "a \"b\" c");
}

TEST(ParseListing, PhrasesBecomeOptions) {
  EXPECT_EQ(ruleOf("ACCEPT     tcp  --  anywhere             10.0.0.1             tcp spts:1024:65535 dpt:!ssh "
                   "flags:!0x17/0x02"),
            "-A FORWARD -d 10.0.0.1 -p tcp -m tcp --sport 1024:65535 ! --dport ssh ! --tcp-flags FIN,SYN,RST,ACK SYN "
            "-j ACCEPT");
  EXPECT_EQ(
      ruleOf("LOG        all  --  anywhere             anywhere             LOG flags 33 level 7 prefix \"a \"b\" \""),
      "-A FORWARD -j LOG --log-prefix \"a \\\"b\\\" \" --log-level 7 --log-tcp-sequence --log-macdecode");
  EXPECT_EQ(ruleOf("WEB        all  -f !10.0.0.0/8           anywhere            [goto]  /*  two words */"),
            "-A FORWARD ! -s 10.0.0.0/8 -f -m comment --comment \" two words\" -g WEB");
}

TEST(ParseListing, WhatIsNotUnderstoodIsOneUnknownUpToTheTarget) {
  EXPECT_EQ(
      ruleOf("REJECT     all  --  anywhere             anywhere             ctstate NEW quantum spin up reject-with "
             "tcp-reset"),
      "-A FORWARD -m conntrack --ctstate NEW -m listed --as \"quantum spin up\" -j REJECT --reject-with tcp-reset");
  EXPECT_EQ(ruleOf("DROP       all  --  anywhere             anywhere             quota: 1000 bytes ctstate NEW"),
            "-A FORWARD -m listed --as \"quota: 1000 bytes\" -m conntrack --ctstate NEW -j DROP");
}

TEST(ParseListing, ACommentThatLooksLikeItsOwnEndHidesWhatFollows) {
  EXPECT_THAT(ruleOf("DROP       all  --  anywhere             anywhere             /* a */ ctstate NEW /* b */"),
              ::testing::HasSubstr("-m listed --as \"/* a */ ctstate NEW /* b */\""));
}

TEST(ParseListing, WithoutVerboseEachRuleMayAskForInterfaces) {
  ParsedRules parsed = read("Chain INPUT (policy DROP)\n"
                            "target     prot opt source               destination\n"
                            "ACCEPT     all  --  anywhere             anywhere\n"
                            "ACCEPT     all  --  anywhere             anywhere\n");
  const std::vector<ir::Rule> &rules = parsed.rulesets.at(0).tables.at(0).chains.at(0).rules;
  ASSERT_EQ(rules.size(), 2u);
  ASSERT_EQ(rules[0].tests.size(), 1u);
  const auto &first = std::get<ir::OpaqueTest>(rules[0].tests[0]);
  EXPECT_EQ(first.opacity, ir::Opacity::Function);
  EXPECT_NE(first.text, std::get<ir::OpaqueTest>(rules[1].tests.at(0)).text);
}

TEST(ParseListing, RulesStandOnTheirLines) {
  ParsedRules parsed = read("Chain INPUT (policy DROP)\n"
                            "target     prot opt source               destination\n"
                            "ACCEPT     tcp  --  anywhere             anywhere             tcp dpt:22\n");
  const ir::Ruleset &ruleset = parsed.rulesets.at(0);
  const ir::Rule &rule = ruleset.tables.at(0).chains.at(0).rules.at(0);
  EXPECT_EQ(ruleset.source->slice(rule.at), "ACCEPT     tcp  --  anywhere             anywhere             tcp dpt:22");
}

TEST(ParseListing, LinesAroundAListingNameItsTable) {
  EXPECT_EQ(tableHint("root@router:~# ip6tables -t nat -L -n")->table, "nat");
  EXPECT_EQ(tableHint("root@router:~# ip6tables -t nat -L -n")->family, packet::Family::IPv6);
  EXPECT_EQ(tableHint("$ sudo /sbin/iptables -nvL")->table, "filter");
  EXPECT_EQ(tableHint("Table: mangle")->table, "mangle");
  EXPECT_FALSE(tableHint("# Warning: iptables-legacy tables present, use iptables-legacy to see them"));
}

std::vector<std::string> tablesOf(llvm::StringRef text) {
  std::vector<std::string> names;
  ParsedRules parsed = read(text);
  for (const ir::Table &table : parsed.rulesets.at(0).tables)
    names.push_back(table.name.str());
  return names;
}

TEST(ParseListing, BuiltInChainsTellTheTable) {
  EXPECT_THAT(
      tablesOf("Chain INPUT (policy ACCEPT)\n\nChain FORWARD (policy ACCEPT)\n\nChain OUTPUT (policy ACCEPT)\n\n"
               "Chain PREROUTING (policy ACCEPT)\n\nChain INPUT (policy ACCEPT)\n\nChain OUTPUT (policy ACCEPT)\n\n"
               "Chain POSTROUTING (policy ACCEPT)\n\nChain DOCKER (0 references)\n\n"
               "Chain PREROUTING (policy ACCEPT)\n\nChain OUTPUT (policy ACCEPT)\n"),
      ::testing::ElementsAre("filter", "nat", "raw"));
  EXPECT_THAT(tablesOf("# iptables -L B\nChain B (0 references)\n\n# iptables -L A\nChain A (0 references)\n"),
              ::testing::ElementsAre("filter"));
}

TEST(ParseListing, ChainsWhoseCallersAreNotShownArePartOfATable) {
  EXPECT_TRUE(read("Chain INPUT (policy ACCEPT)\n\nChain A (1 references)\n").rulesets.at(0).tables.at(0).fragment);
  EXPECT_FALSE(read("Chain INPUT (policy ACCEPT)\n\nChain A (0 references)\n").rulesets.at(0).tables.at(0).fragment);
}

} // namespace
} // namespace iptlint::parse
