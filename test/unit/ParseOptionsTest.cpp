// The table of options holds together.
#include "parse/Options.h"
#include "parse/Values.h"
#include "gtest/gtest.h"

namespace iptlint::parse {

TEST(ParseOptions, EveryModuleIsFoundByItsName) {
  for (const Module &module : modules().drop_front())
    EXPECT_EQ(module.kind == ModuleKind::Match ? findMatch(module.name) : findTarget(module.name), &module)
        << module.name.str();
  EXPECT_EQ(findMatch("nosuch"), nullptr);
  EXPECT_EQ(findMatch("LOG"), nullptr);
  EXPECT_EQ(findTarget("limit"), nullptr);
  EXPECT_EQ(findMatch("icmpv6"), findMatch("icmp6"));
}

TEST(ParseOptions, EveryOptionBelongsToItsModuleAndSharesItsNameRightly) {
  size_t count = 0;
  for (const Module &module : modules())
    for (const Option &option : optionsOf(module.id)) {
      ++count;
      EXPECT_EQ(option.module, module.id) << option.name.str();
      bool canonicalExists = false;
      for (const Option &other : optionsOf(module.id))
        canonicalExists |= other.name == option.canonical;
      EXPECT_TRUE(canonicalExists) << option.name.str();
    }
  EXPECT_GT(count, 400u);
}

TEST(ParseOptions, LettersNameOptionsOfBase) {
  ASSERT_NE(findShort('s'), nullptr);
  EXPECT_EQ(findShort('s')->canonical, "source");
  EXPECT_EQ(findShort('y'), nullptr);
  EXPECT_EQ(findShort('\xe4'), nullptr);
}

TEST(ParseOptions, NamesAreSortedForLookingUp) {
  EXPECT_EQ(parsePort("ssh"), 22);
  EXPECT_EQ(parsePort("zope"), 9673);
  EXPECT_EQ(parsePort("acr-nema"), 104);
  EXPECT_EQ(parsePort("SSH"), std::nullopt);
  EXPECT_EQ(parseProtocol("ah"), 51u);
  EXPECT_EQ(parseProtocol("XTP"), 36u);
}

TEST(ParseOptions, NumbersAreReadAsC) {
  EXPECT_EQ(parseNumber("0x1F", 100), 31u);
  EXPECT_EQ(parseNumber("017", 100), 15u);
  EXPECT_EQ(parseNumber("0", 100), 0u);
  for (llvm::StringRef bad : {"", "+1", "-1", " 1", "1 ", "0x", "0b1", "09", "101", "99999999999999999999"})
    EXPECT_EQ(parseNumber(bad, 100), std::nullopt) << bad.str();
}

} // namespace iptlint::parse
