// What is no rule: where it is said and in which words.
#include "ParseRules.h"

namespace iptlint::parse {

using packet::Family;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseErrors, PointAtTheWord) {
  EXPECT_EQ(refusal("-s 10.0.0.256 -j DROP"), "10.0.0.256: '10.0.0.256' is not an IPv4 address");
  EXPECT_EQ(refusal("-s 10.0.0.1/33"), "10.0.0.1/33: '10.0.0.1/33' is not an IPv4 address");
  EXPECT_EQ(refusal("-s 10.0.0.1", Family::IPv6), "10.0.0.1: '10.0.0.1' is not an IPv6 address");
  EXPECT_EQ(refusal("! -s 1.1.1.1,2.2.2.2"), "1.1.1.1,2.2.2.2: '!' may not stand before a list of addresses");
  EXPECT_EQ(refusal("-p tcp --dport 70000"), "70000: '70000' is no port, nor a range of ports");
  EXPECT_EQ(refusal("-p tcp --dport 9:5"), "9:5: the range of ports is the wrong way round");
  EXPECT_EQ(refusal("-p tcp --dprt 80"), "--dprt: unknown option '--dprt'; did you mean '--dport'?");
  EXPECT_EQ(refusal("--dport 80 -p tcp"), "--dport: unknown option '--dport'; '--dport' is an option of tcp, udp, sctp and dccp, and '-p tcp' is missing or behind it");
  EXPECT_EQ(refusal("-p tcp --dport"), "--dport: '--dport' needs a word after it");
  EXPECT_EQ(refusal("-m conntrack --ctdir foo"),
            "foo: 'foo' is no value for '--ctdir'; 'ORIGINAL' or 'REPLY' may stand here");
  EXPECT_EQ(refusal("-m recent --rcheck --reap"), "--reap: '--reap' needs '--seconds' beside it");
  EXPECT_EQ(refusal("-m dscp"), "dscp: 'dscp' needs '--dscp' or '--dscp-class'");
  EXPECT_EQ(refusal("-p foo"), "foo: 'foo' is no protocol");
  EXPECT_EQ(refusal("! -p all"), "all: no packet is of no protocol at all");
  EXPECT_EQ(refusal("-i abcdefghijklmnop"), "abcdefghijklmnop: an interface name has at most 15 characters");
  EXPECT_EQ(refusal("-i \"\""), "\"\": an interface without a name");
  EXPECT_EQ(refusal("-j ACCEPT foo"), "foo: 'foo' is not an option, and no option before it takes it as a value");
  EXPECT_EQ(refusal("-m icmp6 --icmpv6-type 1"), "icmp6: the match 'icmp6' is for IPv6 only");
  EXPECT_EQ(refusal("-m limit --limit 3/fortnight"), "3/fortnight: '3/fortnight' is no value for '--limit'; a rate such as 3/second, 3/minute, 3/hour or 3/day, at most 10000 a second, may stand here");
  EXPECT_EQ(refusal("-s10.0.0.1"),
            "-s: iptables takes '-s' with all that is glued to it for the value; a blank must part them");
}

TEST(ParseErrors, NegationStandsBeforeWhatCanBeNegated) {
  EXPECT_EQ(refusal("! -j ACCEPT"), "!: '!' may not stand before '-j'");
  EXPECT_EQ(refusal("-s 1.1.1.1 !"), "!: nothing follows this '!'");
  EXPECT_EQ(refusal("! ! -s 1.1.1.1"), "!: two '!' in a row");
  EXPECT_EQ(refusal("-m limit ! --limit 3/s"), "!: '!' may not stand before '--limit'");
}

TEST(ParseErrors, OptionsThatExcludeEachOther) {
  EXPECT_EQ(refusal("-s 1.1.1.1 -s 2.2.2.2"), "-s: '-s' may stand only once in a rule");
  EXPECT_EQ(refusal("-j ACCEPT -j DROP"), "-j: '-j' may stand only once in a rule");
  EXPECT_EQ(refusal("-j ACCEPT -g C"), "-g: '-j' and '-g' exclude each other");
  EXPECT_EQ(refusal("-p tcp -m multiport --sports 1 --dports 2"), "--dports: '--sports' and '--dports' exclude each other");
  EXPECT_EQ(refusal("-p icmp -m icmp"), "icmp: 'icmp' needs its option '--icmp-type'");
}

TEST(ParseErrors, SeveralInATextAndTheRestIsRead) {
  ParsedRules rules = parsed("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s x.y.z/99/9 --foo -j DROP\n-A INPUT -j ACCEPT\n"
                             "-A INPUT \"open\n-A INPUT --bar\nCOMMIT\n");
  EXPECT_THAT(said(rules), ElementsAre("3:24-28 error: unknown option '--foo'",
                                       "5:10-10 error: this quote is never closed",
                                       "6:10-14 error: unknown option '--bar'"));
  ASSERT_EQ(rules.rulesets[0].tables[0].chains[0].rules.size(), 4u);
  EXPECT_FALSE(rules.rulesets[0].tables[0].chains[0].rules[1].broken);
  EXPECT_TRUE(rules.rulesets[0].tables[0].chains[0].rules[2].broken);
}

TEST(ParseErrors, SayInWhichRule) {
  ParsedRules rules = parsed("*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j ACCEPT\n-A OUTPUT --foo\n-I OUTPUT -p foo\nCOMMIT\n");
  ASSERT_EQ(rules.findings.size(), 2u);
  EXPECT_EQ(rules.findings[0].place, (support::Place{"nat", "OUTPUT", 2}));
  EXPECT_EQ(rules.findings[1].place, (support::Place{"nat", "OUTPUT", 1}));
}

TEST(ParseErrors, LinesOfTheWrongShape) {
  EXPECT_THAT(said(parsed("*filter\n  # note\nCOMMIT now\n:INPUT\nfoo\n*filtr\nCOMMIT\n")),
              ElementsAre("2:3-3 error: a comment must begin in the first column",
                          "3:1-6 error: COMMIT must stand alone on its line",
                          "4:1-6 error: a chain needs a name and a policy, '-' for a chain of the user",
                          "5:1-3 error: 'foo' is not an option",
                          "1:1-7 error: the table 'filter' has no COMMIT, so nothing of it is loaded",
                          "6:2-6 error: iptables has no table 'filtr'"));
}

TEST(ParseErrors, ATextThatIsCutOff) {
  EXPECT_THAT(said(parsed("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACC")),
              ElementsAre("1:1-7 error: the table 'filter' has no COMMIT, so nothing of it is loaded"));
  EXPECT_THAT(said(parsed("*filter\nCOMMIT")),
              ElementsAre("2:1-6 warning: iptables-restore refuses a COMMIT that has no line end"));
}

TEST(ParseErrors, WhatIsNotTextIsSaidOnce) {
  ParsedRules rules = parsed(llvm::StringRef("*filter\n\0\xff\0-A", 14));
  EXPECT_THAT(said(rules), ElementsAre("2:1-1 error: this is not text: it has a byte of value 0"));
  EXPECT_TRUE(rules.incomplete);
}

TEST(ParseErrors, AnEmptyTextIsNoError) {
  for (llvm::StringRef text : {"", "\n\n", "# nothing\n"}) {
    ParsedRules rules = parsed(text);
    EXPECT_FALSE(rules.incomplete);
    EXPECT_THAT(said(rules), ElementsAre("1:1-0 info: this text holds no rules"));
    ASSERT_EQ(rules.rulesets.size(), 1u);
  }
}

TEST(ParseErrors, CrAtLineEndsIsSaidOnceAndNoPartOfWords) {
  ParsedRules rules = parsed("*filter\r\n-A INPUT -j ACCEPT\r\nCOMMIT\r\n");
  EXPECT_FALSE(rules.incomplete);
  ASSERT_EQ(rules.findings.size(), 1u);
  EXPECT_EQ(rules.findings[0].check, "line-endings");
  EXPECT_EQ(firstRule(rules).target.kind, ir::TargetKind::Accept);
}

TEST(ParseErrors, AnyBytesInComments) {
  EXPECT_THAT(said(parsed("# \xff\xfe\n-A INPUT -m comment --comment \"\x80\xc3(\" -j ACCEPT\n")), IsEmpty());
}

TEST(ParseErrors, LinesAndWordsLongerThanIptablesReads) {
  std::string blanks(10239 - 17, ' ');
  EXPECT_THAT(said(parsed("-A INPUT" + blanks + " -j ACCEPT\n")), testing::SizeIs(1));
  EXPECT_THAT(said(parsed("-A INPUT" + blanks + "-j ACCEPT\n")), IsEmpty());
  EXPECT_THAT(said(parsed("-A INPUT -m comment --comment " + std::string(1023, 'x') + "\n")), IsEmpty());
  ParsedRules rules = parsed("-A INPUT -m comment --comment " + std::string(1024, 'x') + "\n");
  EXPECT_THAT(said(rules), testing::SizeIs(1));
  EXPECT_TRUE(firstRule(rules).broken);
}

TEST(ParseErrors, ErrorsWithoutEndAreCutOff) {
  std::string text;
  for (unsigned i = 0; i != 5000; ++i)
    text += "-A INPUT --foo\n";
  ParsedRules rules = parsed(text);
  ASSERT_EQ(rules.findings.size(), 1001u);
  EXPECT_EQ(rules.findings.back().message, "more errors follow, which are not shown");
}

} // namespace iptlint::parse
