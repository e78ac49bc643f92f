// parseNetwork(): what several texts say of one machine adds up.
#include "ir/Network.h"
#include "parse/Parse.h"
#include <gtest/gtest.h>

namespace iptlint::test {
namespace {

parse::NetworkTexts::Sources textsOf(std::initializer_list<const char *> texts) {
  parse::NetworkTexts::Sources sources;
  for (const char *text : texts)
    sources.push_back(support::Source::fromText(text));
  return sources;
}

TEST(Network, NothingIsKnownOfNoText) {
  parse::ParsedNetwork parsed = parse::parseNetwork({});
  ASSERT_TRUE(parsed.network);
  EXPECT_FALSE(parsed.incomplete);
  EXPECT_FALSE(parsed.network->knowsRoutes.ipv4);
  EXPECT_TRUE(parsed.network->routes.empty());
}

TEST(Network, RoutesOfSeveralTextsAddUp) {
  parse::NetworkTexts texts;
  texts.routes = textsOf({"default via 10.0.0.1 dev em1\n", "local ::1 dev lo table local\nten dev em1\n"});
  parse::ParsedNetwork parsed = parse::parseNetwork(texts);
  const ir::Network &network = *parsed.network;
  ASSERT_EQ(network.routes.size(), 3u);
  EXPECT_EQ(network.routes[1].source, 1u);
  EXPECT_EQ(network.sources[1]->slice(network.routes[1].at), "local ::1 dev lo table local");
  EXPECT_TRUE(network.knowsRoutes.ipv4);
  EXPECT_FALSE(network.knowsAllTables.ipv4);
  EXPECT_TRUE(network.knowsAllTables.ipv6);
  EXPECT_TRUE(parsed.incomplete);
  ASSERT_EQ(parsed.files.size(), 2u);
  EXPECT_TRUE(parsed.files[0].findings.empty());
  EXPECT_EQ(parsed.files[1].findings.size(), 1u);
}

} // namespace
} // namespace iptlint::test
