// Query against trace: small machines and packets made by chance. A packet's parts must have the fates that eval's
// journeys have, no more and no fewer.
#include "eval/Explore.h"
#include "ir/Network.h"
#include "parse/Parse.h"
#include "query/Groups.h"
#include "query/Words.h"
#include "gmock/gmock.h"
#include <fmt/format.h>
#include <random>

namespace iptlint::query {

namespace {

class Dice {
public:
  explicit Dice(unsigned seed) : engine(seed) {}
  unsigned below(unsigned count) { return unsigned(engine() % count); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <size_t N> const char *pick(const char *const (&texts)[N]) { return texts[below(N)]; }

private:
  std::mt19937 engine;
};

constexpr const char *kAddresses[] = {"10.0.0.1",    "10.0.0.2",  "10.0.1.9",   "192.0.2.1",
                                      "203.0.113.7", "10.96.0.5", "10.0.0.255", "127.0.0.1"};
constexpr const char *kPrefixes[] = {"10.0.0.0/24",  "10.0.0.0/8",  "10.0.1.0/24",
                                     "10.96.0.5/32", "10.0.0.1/32", "192.0.2.0/25"};

std::string condition(Dice &dice) {
  std::string text;
  if (dice.chance(45))
    text += fmt::format(" {}-s {}", dice.chance(25) ? "! " : "", dice.pick(kPrefixes));
  if (dice.chance(45))
    text += fmt::format(" {}-d {}", dice.chance(25) ? "! " : "", dice.pick(kPrefixes));
  if (dice.chance(50)) {
    const char *const ports[] = {"--dport 80",
                                 "--dport 80:90",
                                 "! --dport 81",
                                 "--sport 1024:65535",
                                 "-m multiport --ports 80,90",
                                 "-m multiport ! --dports 79,80:82"};
    text += fmt::format(" -p {} {}", dice.chance(60) ? "tcp" : "udp", dice.pick(ports));
  }
  const char *const rest[] = {" -m limit --limit 5/min",
                              " -m mark --mark 0x1/0x1",
                              " -m mark ! --mark 0x0/0x3",
                              " -m conntrack --ctstate NEW",
                              " -m conntrack --ctstate DNAT",
                              " -m addrtype --dst-type LOCAL",
                              " -m addrtype ! --src-type LOCAL",
                              " -m string --algo bm --string x",
                              " -m conntrack --ctorigdst 10.96.0.5",
                              " -m statistic --mode random --probability 0.5"};
  if (dice.chance(25))
    text += dice.pick(rest);
  return text;
}

std::string chain(Dice &dice, const char *name, bool builtIn, std::initializer_list<const char *> targets) {
  std::string text;
  std::vector<const char *> all(targets);
  for (unsigned rules = dice.below(4); rules != 0; --rules) {
    std::string target = all[dice.below(unsigned(all.size()))];
    if (!builtIn && target.rfind("-j U", 0) == 0)
      target = "-j RETURN";
    std::string test = target.find("--to") != std::string::npos && target.find(':') != std::string::npos
                           ? " -p tcp" + (dice.chance(50) ? std::string(" -d 10.96.0.5") : "")
                           : condition(dice);
    if (target.find("tcp-reset") != std::string::npos)
      test = " -p tcp -s " + std::string(dice.pick(kPrefixes));
    text += fmt::format("-A {}{} {}\n", name, test, target);
  }
  return text;
}

std::string machineText(Dice &dice) {
  std::string text = "*mangle\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n:U -\n";
  text += chain(dice, "PREROUTING", true,
                {"-j MARK --set-mark 1", "-j MARK --set-xmark 0x2/0x3", "-j ACCEPT", "-j DROP", "-j U", "-g U",
                 "-j TTL --ttl-set 1"});
  text += chain(dice, "OUTPUT", true, {"-j MARK --set-mark 1", "-j ACCEPT", "-j U"});
  text += chain(dice, "U", false, {"-j MARK --set-mark 3", "-j RETURN", "-j DROP"});
  text += "COMMIT\n*nat\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n";
  for (const char *name : {"PREROUTING", "OUTPUT"})
    text += chain(dice, name, true,
                  {"-j DNAT --to-destination 10.0.1.9:8080", "-j DNAT --to-destination 10.0.1.7-10.0.1.8",
                   "-j REDIRECT", "-j ACCEPT", "-j RETURN", "-j NETMAP --to 10.0.1.0/24"});
  text += chain(dice, "POSTROUTING", true, {"-j MASQUERADE", "-j SNAT --to-source 192.0.2.1", "-j ACCEPT"});
  text += fmt::format("COMMIT\n*filter\n:INPUT {}\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:U -\n",
                      dice.chance(50) ? "DROP" : "ACCEPT");
  for (const char *name : {"INPUT", "FORWARD", "OUTPUT"})
    text += chain(dice, name, true,
                  {"-j ACCEPT", "-j DROP", "-j REJECT", "-p tcp -j REJECT --reject-with tcp-reset", "-j U", "-g U",
                   "-j LOG", "-j RETURN"});
  text += chain(dice, "U", false, {"-j ACCEPT", "-j RETURN", "-j DROP"});
  return text + "COMMIT\n";
}

parse::NetworkTexts networkTexts(Dice &dice) {
  parse::NetworkTexts texts;
  auto add = [](auto &to, const char *text) { to.push_back(support::Source::fromText(text)); };
  if (dice.chance(80))
    add(texts.addresses,
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n"
        "2: em1: <BROADCAST,UP,LOWER_UP> mtu 1500\n    inet 10.0.0.1/24 brd 10.0.0.255 scope global em1\n"
        "3: em2: <BROADCAST,UP,LOWER_UP> mtu 1500\n    inet 192.0.2.1/25 brd 192.0.2.127 scope global em2\n"
        "4: em3: <BROADCAST,UP,LOWER_UP> mtu 1500\n    inet 10.0.1.1/24 scope global em3\n");
  if (dice.chance(70))
    add(texts.routes,
        dice.chance(50)
            ? "default via 192.0.2.2 dev em2\n10.0.0.0/24 dev em1 proto kernel scope link src 10.0.0.1\n"
              "192.0.2.0/25 dev em2 proto kernel scope link src 192.0.2.1\n10.0.1.0/24 dev em3\nprohibit 10.96.0.0/16\n"
            : "10.0.0.0/24 dev em1\n192.0.2.0/25 dev em2\n10.0.1.0/25 via 10.0.0.3 dev em1\n10.0.1.0/24 dev em3\n");
  add(texts.settings, "net.ipv4.ip_forward = 1\n");
  if (dice.chance(30))
    add(texts.settings, "net.ipv4.conf.all.rp_filter = 1\n");
  return texts;
}

/// A machine of this number and what is asked of it.
struct World {
  explicit World(unsigned seed) : dice(seed) {
    text = machineText(dice);
    parsed = parse::parseRules(support::Source::fromText(text), {packet::Family::IPv4});
    network = parse::parseNetwork(networkTexts(dice)).network;
    routing.emplace(*network);
    machine.rules = &parsed.rulesets.front();
    machine.network = network.get();
    machine.routing = &*routing;
    question.in = dice.chance(70) ? "em1" : "";
    answer = ask(machine, question);
  }

  packet::Packet packet() {
    packet::Packet made = answer.plain;
    auto address = [&] {
      packet::Value value = 0;
      packet::parseAddress(dice.pick(kAddresses), packet::Family::IPv4, value);
      return value;
    };
    if (answer.open.test(unsigned(Field::Src)))
      made[Field::Src] = address();
    made[Field::Dst] = address();
    constexpr unsigned protocols[] = {6, 6, 17, 1, 47};
    made[Field::Proto] = protocols[dice.below(5)];
    constexpr unsigned ports[] = {79, 80, 81, 90, 91, 1023, 1024};
    made[Field::Dport] = ports[dice.below(7)];
    made[Field::Sport] = ports[dice.below(7)];
    made[Field::TcpFlags] = 2;
    made[Field::Icmp] = 8 << 8;
    if (answer.open.test(unsigned(Field::Mac)))
      made[Field::Mac] = 1;
    return made;
  }

  std::string text;
  Dice dice;
  parse::ParsedRules parsed;
  std::shared_ptr<const ir::Network> network;
  std::optional<eval::Routing> routing;
  eval::Machine machine;
  Question question;
  Answer answer;
};

std::string told(const eval::Trip &trip) {
  return fmt::format("{} {} out of {} as {}", eval::name(trip.ending).str(), trip.reason, trip.out,
                     packet::inIptablesWords(trip.packet));
}

} // namespace

static std::string told(const World &world, const Ended &ended) {
  return fmt::format("{} {} out of {} for {}", name(ended.fate.ending).str(), ended.fate.reason, ended.fate.out,
                     wordsOf(world.answer, ended.part, world.machine.rules));
}

TEST(Query, HasTheFatesOfEveryPacketsJourneys) {
  unsigned packets = 0, unknown = 0;
  for (unsigned seed = 0; seed != 400 && !testing::Test::HasFailure(); ++seed) {
    World world(seed);
    for (unsigned i = 0; i != 12; ++i) {
      packet::Packet packet = world.packet();
      std::vector<const Ended *> parts;
      for (const Ended &ended : world.answer.ends)
        if (holds(ended.part, packet))
          parts.push_back(&ended);
      bool complete = true;
      std::vector<eval::Trip> trips = tripsOf(world.machine, world.answer, packet, complete);
      std::string at = fmt::format("machine {}, {}\n{}", seed, packet::inIptablesWords(packet), world.text);
      ++packets;
      ASSERT_FALSE(parts.empty()) << at;
      if (!complete || llvm::any_of(parts, [](auto *part) { return part->fate.ending == Ending::Unknown; })) {
        unknown += llvm::none_of(trips, [](const eval::Trip &trip) { return trip.ending == eval::Ending::Unknown; });
        continue;
      }
      auto agreeing = [&](const Ended &part, const eval::Trip &trip) {
        return agrees(world.answer, part.fate, packet, trip);
      };
      for (const eval::Trip &trip : trips)
        EXPECT_TRUE(llvm::any_of(parts, [&](auto *part) { return agreeing(*part, trip); }))
            << told(trip) << "\n"
            << told(world, *parts.front()) << "\n"
            << at;
      for (const Ended *part : parts)
        EXPECT_TRUE(llvm::any_of(trips, [&](const eval::Trip &trip) { return agreeing(*part, trip); }))
            << told(world, *part) << "\n"
            << told(trips.front()) << "\n"
            << at;
      bool forked = llvm::any_of(parts, [](auto *part) { return !part->part.conditions.empty(); });
      EXPECT_TRUE(forked || parts.size() == 1) << parts.size() << " parts of " << at;
    }
  }
  EXPECT_LT(unknown * 10, packets) << unknown << " unknown of " << packets << " packets";
}

TEST(Query, ShowsAnExampleThatAgrees) {
  for (unsigned seed = 1000; seed != 1060 && !testing::Test::HasFailure(); ++seed) {
    World world(seed);
    for (const Group &group : groupsOf(world.answer)) {
      ASSERT_TRUE(group.example) << told(world, *group.parts.front());
      EXPECT_TRUE(holds(group.parts.front()->part, *group.example));
      bool complete = true;
      std::vector<eval::Trip> trips = tripsOf(world.machine, world.answer, *group.example, complete);
      EXPECT_TRUE(llvm::any_of(
          trips, [&](const eval::Trip &trip) { return agrees(world.answer, group.fate, *group.example, trip); }))
          << told(world, *group.parts.front()) << "\n"
          << packet::inIptablesWords(*group.example) << "\n"
          << world.text;
    }
  }
}

} // namespace iptlint::query
