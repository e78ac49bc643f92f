// The options that name what surrounds the rules, and that their texts are read and reported.
#include "driver/NetworkOptions.h"
#include "driver/ReadNetwork.h"
#include "ir/Network.h"
#include "llvm/Support/FileSystem.h"
#include <CLI/CLI.hpp>
#include <fstream>
#include <gtest/gtest.h>

namespace iptlint::test {
namespace {

driver::NetworkFiles filesOf(const std::string &line) {
  driver::Options options;
  CLI::App app;
  driver::addNetworkOptions(app, options);
  app.parse(line);
  return options.network;
}

TEST(NetworkOptions, EachMayBeRepeatedAndTakesOneValue) {
  driver::NetworkFiles files = filesOf("--routes a --rules b --routes=c --addresses d --bridges e --sysctl f=1 --sysctl g");
  EXPECT_EQ(files.routes, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(files.rules, std::vector<std::string>{"b"});
  EXPECT_EQ(files.addresses, std::vector<std::string>{"d"});
  EXPECT_EQ(files.bridges, std::vector<std::string>{"e"});
  EXPECT_EQ(files.settings, (std::vector<std::string>{"f=1", "g"}));
  EXPECT_FALSE(files.empty());
  EXPECT_TRUE(filesOf("").empty());
  EXPECT_THROW(filesOf("--routes a b"), CLI::ExtrasError) << "what follows is none of its own";
}

/// A file that goes away with it.
class TextFile {
public:
  explicit TextFile(llvm::StringRef text) {
    llvm::SmallString<64> name;
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("network", "txt", name));
    path = name.str().str();
    std::ofstream(path) << text.str();
  }
  ~TextFile() { llvm::sys::fs::remove(path); }
  std::string path;
};

std::string wholeNetwork(const driver::NetworkFiles &files, std::shared_ptr<const ir::Network> &network) {
  std::string said;
  llvm::raw_string_ostream err(said);
  auto read = driver::readWholeNetwork(files, nullptr, err);
  network = read.value_or(nullptr);
  return read ? said : said + "nothing is given\n";
}

TEST(ReadNetwork, SettingsAreReadInTheirOrder) {
  TextFile file("net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.rp_filter = 1\n");
  std::shared_ptr<const ir::Network> network;
  EXPECT_EQ(wholeNetwork({.settings = {"net.ipv4.ip_forward=2", file.path, "net.ipv4.conf.all.rp_filter=0"}}, network), "");
  ASSERT_TRUE(network);
  ASSERT_EQ(network->settings.size(), 2u);
  EXPECT_EQ(network->settings[0].value, "0");
  EXPECT_EQ(network->settings[1].value, "0");
}

TEST(ReadNetwork, FindingsArePrintedAndErrorsLeaveNothing) {
  std::shared_ptr<const ir::Network> network;
  TextFile noted("default dev tun0\n"), wrong("default dev\n");
  std::string note = wholeNetwork({.routes = {noted.path}}, network);
  EXPECT_NE(note.find(":1:1: info: no address says its family, taken for IPv4"), std::string::npos) << note;
  ASSERT_TRUE(network);
  EXPECT_EQ(network->routes.size(), 1u);
  std::string error = wholeNetwork({.routes = {wrong.path}}, network);
  EXPECT_NE(error.find(":1:9: error: nothing follows \"dev\""), std::string::npos) << error;
  EXPECT_NE(error.find("nothing is given"), std::string::npos) << error;
  EXPECT_FALSE(network);
}

TEST(ReadNetwork, AFileThatIsNotThere) {
  std::shared_ptr<const ir::Network> network;
  std::string said = wholeNetwork({.rules = {"/nonexistent/rules"}}, network);
  EXPECT_EQ(llvm::StringRef(said).count('\n'), 2u) << said;
  EXPECT_TRUE(llvm::StringRef(said).startswith("iptlint: /nonexistent/rules: ")) << said;
}

TEST(ReadNetwork, NothingNamedIsNoNetwork) {
  std::shared_ptr<const ir::Network> network;
  EXPECT_EQ(wholeNetwork({}, network), "");
  EXPECT_FALSE(network);
}

} // namespace
} // namespace iptlint::test
