// Sets as ipset prints them, and as commands build them.
#include "parse/Parse.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

namespace iptlint::parse {

using testing::ElementsAre;
using testing::IsEmpty;

static ParsedSets read(llvm::StringRef text) { return parseSets({support::Source::fromText(text)}); }

static std::vector<std::string> said(const ParsedSets &parsed) {
  std::vector<std::string> lines;
  for (const support::Diagnostic &finding : parsed.files[0].findings) {
    support::LineColumn at = parsed.files[0].source->lineColumn(finding.at.begin);
    lines.push_back(fmt::format("{}:{} {}: {}", at.line, at.column, support::name(finding.severity).str(), finding.message));
  }
  return lines;
}

/// "10.0.0.1-10.0.0.3" for each member's first part, in the order they are held.
static std::vector<std::string> held(const ParsedSets &parsed, llvm::StringRef name) {
  std::vector<std::string> members;
  const ir::Set *set = parsed.sets->find(name);
  EXPECT_NE(set, nullptr);
  for (const ir::SetMember &member : set->members) {
    const ir::SetValue &value = member.parts[0];
    members.push_back(packet::addressText(value.lo, packet::Family::IPv4) + "-" + packet::addressText(value.hi, packet::Family::IPv4));
  }
  return members;
}

TEST(ParseSets, ReadsWhatSavePrints) {
  ParsedSets parsed = read("create a hash:net family inet hashsize 1024 maxelem 65536 comment bucketsize 12 initval 0xaa328446\n"
                           "add a 10.0.0.0/8 comment \"the lab\"\n"
                           "add a 10.1.0.1 nomatch\n");
  EXPECT_THAT(said(parsed), IsEmpty());
  EXPECT_THAT(held(parsed, "a"), ElementsAre("10.0.0.0-10.255.255.255", "10.1.0.1-10.1.0.1"));
  EXPECT_TRUE(parsed.sets->find("a")->members[1].nomatch);
}

TEST(ParseSets, ReadsWhatListPrints) {
  ParsedSets parsed = read("Name: w\nType: hash:ip\nRevision: 6\nHeader: family inet hashsize 1024 maxelem 65536 timeout 5\n"
                           "Size in memory: 380\nReferences: 0\nNumber of entries: 2\nMembers:\n1.2.3.4 timeout 0\n1.2.3.5 timeout 3\n\n");
  EXPECT_THAT(said(parsed), IsEmpty());
  EXPECT_FALSE(parsed.sets->find("w")->members[0].expires);
  EXPECT_TRUE(parsed.sets->find("w")->members[1].expires);
}

TEST(ParseSets, FollowsCommands) {
  ParsedSets parsed = read("#!/bin/sh\nsudo ipset create a hash:ip\nipset -exist add a 10.0.0.1-10.0.0.5 2>/dev/null || true\n"
                           "/sbin/ipset del a 10.0.0.3\nipset create b hash:ip; \nipset add b 10.9.9.9\nipset swap a b\nipset rename b c\n");
  EXPECT_THAT(said(parsed), IsEmpty());
  EXPECT_THAT(held(parsed, "c"), ElementsAre("10.0.0.1-10.0.0.2", "10.0.0.4-10.0.0.5"));
  EXPECT_THAT(held(parsed, "a"), ElementsAre("10.9.9.9-10.9.9.9"));
  EXPECT_EQ(parsed.sets->find("b"), nullptr);
}

TEST(ParseSets, PointsAtWhatTakesAShell) {
  ParsedSets parsed = read("ipset create a hash:ip\nipset add a $HOST\nfor h in x y; do\n  ipset add a 10.0.0.1\ndone\n");
  EXPECT_TRUE(parsed.incomplete);
  EXPECT_THAT(said(parsed), ElementsAre("2:13 error: it takes a shell to know what stands here; the text of `ipset save` says it",
                                        "4:3 error: it takes a shell to know whether this runs; the text of `ipset save` says what it leaves"));
  EXPECT_FALSE(parsed.sets->find("a")->unknown.empty());
}

TEST(ParseSets, WarnsOfWhatIpsetRefuses) {
  ParsedSets parsed = read("create a hash:ip maxelem 2\nadd a 10.0.0.1\nadd a 10.0.0.1\ndel a 10.0.0.9\nadd a 10.0.1.0/24\nadd b 10.0.0.1\n");
  EXPECT_FALSE(parsed.incomplete);
  EXPECT_THAT(said(parsed),
              ElementsAre("3:7 warning: '10.0.0.1' is in the set already", "4:7 warning: '10.0.0.9' is not in the set",
                          "5:7 warning: '10.0.1.0/24' is too much: the set has room for 2 (maxelem)", "6:5 warning: there is no set 'b'"));
}

TEST(ParseSets, ReadsOnBehindBadLines) {
  ParsedSets parsed = read("create a hash:ip,port\nadd a 10.0.0.1\nadd a 10.0.0.300,80\nadd a 10.0.0.1,dccp:5\ncreate x hash:moon\nadd a 10.0.0.1,80\n");
  EXPECT_THAT(said(parsed), ElementsAre("2:7 error: '10.0.0.1' has 1 parts; members of hash:ip,port have 2",
                                        "3:7 error: '10.0.0.300' is no IPv4 address or range of them",
                                        "4:16 error: 'dccp:5' is no port, nor ICMP type and code; other protocols have port 0", "5:10 error: ipset has no type 'hash:moon'"));
  EXPECT_THAT(held(parsed, "a"), ElementsAre("10.0.0.1-10.0.0.1"));
}

} // namespace iptlint::parse
