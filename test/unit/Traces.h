// What the tests of journeys share: a machine and a packet as texts, and what became of it as short text.
#pragma once

#include "eval/Story.h"
#include "parse/PacketWords.h"
#include "parse/Parse.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace iptlint::eval {

/// A machine with a leg to each side, and a default route.
inline constexpr const char *kRouter = "1: lo: <LOOPBACK,UP> mtu 65536 group default\n"
                                       "    inet 127.0.0.1/8 scope host lo\n"
                                       "2: wan: <UP> mtu 1500 group default\n"
                                       "    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff\n"
                                       "    inet 192.0.2.1/24 brd 192.0.2.255 scope global wan\n"
                                       "3: lan: <UP> mtu 1500 group default\n"
                                       "    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff\n"
                                       "    inet 10.0.0.1/24 brd 10.0.0.255 scope global lan\n"
                                       "    inet6 2001:db8::1/64 scope global\n";
inline constexpr const char *kRoutes = "default via 192.0.2.254 dev wan\n"
                                       "10.0.0.0/24 dev lan proto kernel scope link src 10.0.0.1\n"
                                       "192.0.2.0/24 dev wan proto kernel scope link src 192.0.2.1\n";

class Traced {
public:
  Traced(llvm::StringRef rules) : text(rules.str()) {
    read(ir::BackEnd::Legacy);
    texts.addresses = {support::Source::fromText(kRouter)};
    texts.routes = {support::Source::fromText(kRoutes)};
  }
  Traced &routes(llvm::StringRef text) {
    texts.routes = {support::Source::fromText(text)};
    return *this;
  }
  Traced &routingRules(llvm::StringRef text) {
    texts.rules = {support::Source::fromText(text)};
    return *this;
  }
  Traced &addresses(llvm::StringRef text) {
    texts.addresses =
        text.empty() ? parse::NetworkTexts::Sources() : parse::NetworkTexts::Sources{support::Source::fromText(text)};
    return *this;
  }
  Traced &setting(llvm::StringRef text) {
    texts.settings.push_back(support::Source::fromText(text));
    return *this;
  }
  Traced &assume(std::string condition, bool holds) {
    options.assumptions.push_back({std::move(condition), holds});
    return *this;
  }
  Traced &reply() {
    options.reply = true;
    return *this;
  }
  Traced &nft() {
    isNft = true;
    read(ir::BackEnd::Nft);
    return *this;
  }
  Traced &most(size_t paths) {
    options.mostPaths = paths;
    return *this;
  }

  Story story(llvm::StringRef words) {
    llvm::SmallVector<llvm::StringRef, 32> parts;
    words.split(parts, ' ', -1, /*KeepEmpty=*/false);
    std::vector<std::string> given(parts.begin(), parts.end());
    parse::ParsedPacket packet = parse::parsePacket(given, {});
    EXPECT_TRUE(packet.findings.empty()) << words.str();
    parse::ParsedNetwork network = parse::parseNetwork(texts);
    EXPECT_FALSE(network.incomplete);
    kept = network.network;
    routing.emplace(*kept);
    Machine machine{&rules.rulesets.front(), kept.get(), &*routing, {}, isNft};
    return tell(machine, complete(packet.packet, packet.given, *kept).traveller, options);
  }

  /// Of the only way there is.
  std::string way(llvm::StringRef words) {
    Story told = story(words);
    EXPECT_EQ(told.paths.size(), 1u) << words.str();
    return wayOf(told.paths.front());
  }
  /// Of every way: its share, and what had to be answered.
  std::vector<std::string> ways(llvm::StringRef words) {
    Story told = story(words);
    std::vector<std::string> all;
    for (size_t i = 0; i != told.paths.size(); ++i) {
      std::string conditions;
      for (const Answered &choice : told.paths[i].course.choices)
        conditions += (choice.chosen().holds ? " if " : " unless ") + choice.chosen().condition;
      all.push_back(told.shares[i].text() + conditions + ": " + endOf(told.paths[i].asked().trip));
    }
    return all;
  }

  std::string wayOf(const Path &path) const {
    std::string text;
    for (const Leg &leg : path.legs) {
      std::string role = leg.role == Role::First ? "first: " : leg.role == Role::Answer ? "answer: " : "";
      text += (text.empty() ? "" : " | ") + role + wayOf(leg.trip);
    }
    return text;
  }

  std::string wayOf(const Trip &trip) const {
    std::vector<std::string> steps;
    for (const TripStep &step : trip.steps)
      steps.push_back(textOf(step));
    steps.push_back(endOf(trip));
    return llvm::join(steps, " ");
  }

  static std::string endOf(const Trip &trip) {
    std::string text = name(trip.ending).str();
    if (!trip.out.empty())
      text += fmt::format(" {} to {}", trip.out, packet::addressText(*trip.nextHop, trip.nextHopFamily));
    return text + (trip.reason.empty() ? "" : " (" + trip.reason + ")");
  }

private:
  void read(ir::BackEnd backEnd) {
    rules = parse::parseRules(support::Source::fromText(text), {.family = packet::Family::IPv4, .backEnd = backEnd});
    EXPECT_FALSE(rules.incomplete) << text;
  }

  std::string changesOf(const TripStep &step) const {
    std::string text;
    for (const Change &change : step.changes)
      text += fmt::format("[{}={}]", packet::name(change.field).str(),
                          change.known ? valueWords(change.field, change.to, packet::Family::IPv4) : "?");
    return text;
  }

  std::string textOf(const TripStep &step) const {
    if (step.kind == StepKind::Routing)
      return "->" + (step.decision->device.empty() || step.decision->fate == Fate::Local ? name(step.decision->fate)
                                                                                         : step.decision->device)
                        .str();
    if (step.kind == StepKind::Rewritten)
      return "conntrack" + changesOf(step);
    const ir::Table &table = rules.rulesets.front().tables[step.rule.table];
    if (step.kind == StepKind::Remark)
      return fmt::format("{}-{}-", table.name.str(), packet::name(step.hook).str());
    const ir::Chain &chain = table.chains[step.rule.rule.chain];
    if (step.kind == StepKind::Policy)
      return fmt::format("{}/{}={}", table.name.str(), chain.name.str(), step.accepted ? "ACCEPT" : "DROP");
    return fmt::format("{}/{}/{}{}", table.name.str(), chain.name.str(), step.rule.rule.rule + 1, changesOf(step));
  }

  std::string text;
  parse::ParsedRules rules;
  parse::NetworkTexts texts;
  StoryOptions options;
  bool isNft = false;
  std::shared_ptr<const ir::Network> kept;
  std::optional<Routing> routing;
};

} // namespace iptlint::eval
