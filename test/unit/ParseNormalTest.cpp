// The normal form, where the kernel is not needed to tell: what stays as it was written, several rules of one line,
// chains. test/kernel/normal.py compares every option with iptables-save itself.
#include "ParseRules.h"

namespace iptlint::parse {

using packet::Family;

static std::string normalText(llvm::StringRef text, Family family = Family::IPv4) {
  return emit::saveText(parseRules(support::Source::fromText(text), {.family = family, .normal = true}).rulesets);
}

/// The rules that `-A INPUT WORDS` becomes, without what stands in front of the words.
static std::vector<std::string> normal(llvm::StringRef words, Family family = Family::IPv4) {
  std::string text = normalText(("*filter\n-A INPUT " + words + "\nCOMMIT\n").str(), family);
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n');
  std::vector<std::string> rules;
  for (llvm::StringRef line : lines)
    if (line.consume_front("-A INPUT "))
      rules.push_back(line.str());
  return rules;
}

using testing::ElementsAre;

TEST(ParseNormal, NamesNumbersAndOrder) {
  EXPECT_THAT(normal("--jump ACCEPT -p TCP --dport ssh: -o eth1 --source 10.1.2.3/8 ! -i eth0"),
              ElementsAre("-s 10.0.0.0/8 ! -i eth0 -o eth1 -p tcp -m tcp --dport 22:65535 -j ACCEPT"));
  EXPECT_THAT(normal("-p icmpv6 --icmpv6-type echo-request -s FE80::1/10", Family::IPv6),
              ElementsAre("-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 128"));
}

TEST(ParseNormal, WhatGoesWithoutSayingIsSaidOrLeftOutAsTheProgramDoes) {
  EXPECT_THAT(normal("-s 0/0 -i + -p all -m limit -j REJECT"),
              ElementsAre("-m limit --limit 3/hour -j REJECT --reject-with icmp-port-unreachable"));
  EXPECT_THAT(normal("-m limit --limit 60/minute --limit-burst 5 -j LOG --log-level warning"),
              ElementsAre("-m limit --limit 1/sec -j LOG"));
}

TEST(ParseNormal, EachPairOfAddressesIsARule) {
  EXPECT_THAT(normal("-s 1.1.1.1,2.2.2.2 -d 3.3.3.3/8,4.4.4.4"),
              ElementsAre("-s 1.1.1.1/32 -d 3.0.0.0/8", "-s 1.1.1.1/32 -d 4.4.4.4/32", "-s 2.2.2.2/32 -d 3.0.0.0/8",
                          "-s 2.2.2.2/32 -d 4.4.4.4/32"));
}

TEST(ParseNormal, InsertedPairsStandTheOtherWayRound) {
  EXPECT_EQ(normalText("*raw\n:PREROUTING DROP\n-A OUTPUT\n-I OUTPUT -s 1.1.1.1,2.2.2.2\nCOMMIT\n"),
            "*raw\n:PREROUTING DROP [0:0]\n:OUTPUT - [0:0]\n-A OUTPUT -s 2.2.2.2/32\n-A OUTPUT -s 1.1.1.1/32\n-A "
            "OUTPUT\nCOMMIT\n");
}

TEST(ParseNormal, WhatIsNotUnderstoodStaysAsItIs) {
  EXPECT_THAT(normal("-m foo --bar 3 ! --x y -p 6"), ElementsAre("-p tcp -m foo --bar 3 ! --x y"));
  EXPECT_THAT(normal("-s some.host,1.2.3.4 -p 6"), ElementsAre("-s some.host,1.2.3.4 -p tcp"));
  EXPECT_THAT(normal("-m owner --uid-owner somebody"), ElementsAre("-m owner --uid-owner somebody"));
  EXPECT_THAT(normal("-p tcp --dport 80 --nonsense"), ElementsAre("-p tcp --dport 80 --nonsense"));
}

TEST(ParseNormal, ChainsInTheProgramsOrderAndCounters) {
  EXPECT_EQ(
      normalText(
          "*filter\n:b - [0:0]\n:OUTPUT ACCEPT [1:2]\n:a - [0:0]\n[3:4] -A b -c 5 6\n-A a -c 7,8\n-A b -g a\nCOMMIT\n"),
      "*filter\n:INPUT - [0:0]\n:FORWARD - [0:0]\n:OUTPUT ACCEPT [1:2]\n:a - [0:0]\n:b - [0:0]\n[7:8] -A a\n[3:4] -A "
      "b\n"
      "-A b -g a\nCOMMIT\n");
}

TEST(ParseNormal, ItIsItsOwnNormalForm) {
  for (llvm::StringRef words :
       {"-m comment --comment \"it's \\\"a\\\" b\"", "-p tcp ! --syn -m multiport --dports ssh,80:90",
        "-m string --algo bm --hex-string \"|00|x\"", "-m time --weekdays Sa,Su --timestart 8:00"}) {
    std::vector<std::string> once = normal(words);
    ASSERT_EQ(once.size(), 1u);
    EXPECT_THAT(normal(once[0]), ElementsAre(once[0]));
  }
}

} // namespace iptlint::parse
