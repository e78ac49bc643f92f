#include "RandomTable.h"
#include "Palette.h"
#include <fmt/format.h>

namespace iptlint::oracle {

using packet::Field;
using packet::Hook;

namespace {

/// What a condition tests.
enum class Kind : uint8_t { Prefix, Protocol, Port, ConnectionState, Interface, Mark, Set, Opaque };

/// Makes one table.
class Maker {
public:
  explicit Maker(uint64_t seed) : dice(seed) { chooseKinds(seed % 2 == 0); }
  RandomTable table();

private:
  void addChains();
  Condition condition();
  Condition test();
  Condition prefix();
  Condition protocol();
  Condition port();
  Condition connectionState();
  Condition interface();
  Condition mark();
  Condition set();
  Condition opaque();
  Act act(uint32_t chain);
  Act writing();
  Act leading(uint32_t chain);
  void chooseKinds(bool few);
  bool oneIn(unsigned count) { return dice.roll(count) == 0; }

  Dice dice;
  ir::Table made;
  std::deque<std::string> words;
  std::vector<Kind> kinds;
  unsigned hooks = 1;
  unsigned statefulLeft = 2, unknownsLeft = 1;
};

} // namespace

static Condition ranges(const char *words, Field field, std::vector<ir::Interval> ranges) {
  return {words, {ir::RangeTest{field, std::nullopt, false, {ranges.begin(), ranges.end()}}}};
}

/// Nested and neighbouring prefixes, so that containers and unions come about.
Condition Maker::prefix() {
  unsigned length = 8 + 8 * unsigned(dice.roll(3));
  uint32_t block = 0x0a000000 | uint32_t(dice.roll(2)) << 16 | uint32_t(dice.roll(2)) << 8;
  uint32_t size = uint32_t(1) << (32 - length), first = block & ~(size - 1);
  return oneIn(2) ? source(first, first + size - 1) : destination(first, first + size - 1);
}

Condition Maker::protocol() {
  return oneIn(2) ? ranges("-p tcp", Field::Proto, {{6, 6}}) : ranges("-p udp", Field::Proto, {{17, 17}});
}

Condition Maker::port() {
  switch (dice.roll(5)) {
  case 0:
    return ranges("--dport 80", Field::Dport, {{80, 80}});
  case 1:
    return ranges("--dport 0:1023", Field::Dport, {{0, 1023}});
  case 2:
    return ranges("-m multiport --dports 22,80,443:500", Field::Dport, {{22, 22}, {80, 80}, {443, 500}});
  case 3:
    return ranges("--sport 1024:65535", Field::Sport, {{1024, 65535}});
  default:
    return eitherPort(80);
  }
}

Condition Maker::connectionState() {
  if (oneIn(2))
    return ranges("-m conntrack --ctstate NEW", Field::CtState, {{0, 3}});
  return ranges("-m conntrack --ctstate ESTABLISHED,RELATED", Field::CtState, {{4, 11}});
}

Condition Maker::interface() {
  auto [lo, hi] = packet::interfacesStartingWith("eth");
  packet::Value eth0 = packet::interfaceValue("eth0");
  switch (dice.roll(3)) {
  case 0:
    return ranges("-i eth+", Field::In, {{lo, hi}});
  case 1:
    return ranges("-i eth0", Field::In, {{eth0, eth0}});
  default:
    return ranges("-o eth0", Field::Out, {{eth0, eth0}});
  }
}

Condition Maker::mark() {
  static constexpr std::pair<uint32_t, uint32_t> marks[] = {{1, 1}, {2, 3}, {0x4000, 0x4000}, {0, ~0u}, {3, ~0u}};
  auto [value, mask] = marks[dice.roll(std::size(marks))];
  return markIs(value, mask);
}

/// Pairs of an address and a port, as in hash:ip,port.
Condition Maker::set() {
  std::vector<Condition> members;
  for (uint64_t count = 1 + dice.roll(3); count != 0; --count)
    members.push_back(both(prefix(), oneIn(3) ? protocol() : port()));
  return oneOf(members);
}

Condition Maker::opaque() {
  if (statefulLeft != 0 && oneIn(2)) {
    --statefulLeft;
    return stateful(statefulLeft ? "s" : "t");
  }
  return function("a");
}

Condition Maker::test() {
  switch (kinds[dice.roll(kinds.size())]) {
  case Kind::Prefix:
    return prefix();
  case Kind::Protocol:
    return protocol();
  case Kind::Port:
    return port();
  case Kind::ConnectionState:
    return connectionState();
  case Kind::Interface:
    return interface();
  case Kind::Mark:
    return mark();
  case Kind::Set:
    return set();
  case Kind::Opaque:
    return opaque();
  }
  return any();
}

/// Every other table tests few things, so that all its packets can be tried.
void Maker::chooseKinds(bool few) {
  std::vector<Kind> all = {Kind::Prefix,          Kind::Port,    Kind::Mark,
                           Kind::Prefix,          Kind::Opaque,  Kind::Interface,
                           Kind::ConnectionState, Kind::Protocol, Kind::Set};
  kinds = all;
  while (few && kinds.size() > 3)
    kinds.erase(kinds.begin() + dice.roll(kinds.size()));
}

Condition Maker::condition() {
  Condition all;
  for (uint64_t tests = oneIn(12) ? 0 : 1 + dice.roll(3); tests != 0; --tests) {
    Condition one = test();
    all = both(all, oneIn(4) ? no(one) : one);
  }
  return all;
}

Act Maker::writing() {
  if (unknownsLeft != 0 && oneIn(4)) {
    --unknownsLeft;
    return mapMark(3);
  }
  switch (dice.roll(7)) {
  case 5:
    return saveMark(oneIn(2) ? ~0u : 1);
  case 6:
    return restoreMark(oneIn(2) ? ~0u : 3);
  case 0:
    return setXmark(1, ~0u);
  case 1:
    return setXmark(0x4000, 0x4000);
  case 2:
    return setXmark(3, 0);
  case 3:
    return setXmark(0, 2);
  default:
    return decrementTtl();
  }
}

/// To a chain behind this one, so that there are no cycles.
Act Maker::leading(uint32_t chain) {
  uint32_t first = std::max(hooks, chain + 1);
  if (first >= made.chains.size())
    return goBack();
  uint32_t target = first + uint32_t(dice.roll(made.chains.size() - first));
  return oneIn(4) ? goTo(target) : jumpTo(target);
}

Act Maker::act(uint32_t chain) {
  switch (dice.roll(16)) {
  case 0:
  case 1:
  case 2:
    return accept();
  case 3:
  case 4:
    return drop();
  case 5:
    return reject();
  case 6:
  case 7:
    return goBack();
  case 8:
    return log();
  case 9:
    return justCount();
  case 10:
  case 11:
    return writing();
  default:
    return leading(chain);
  }
}

void Maker::addChains() {
  static constexpr ir::Policy policies[] = {ir::Policy::Accept, ir::Policy::Drop, ir::Policy::Unstated};
  hooks = 1 + unsigned(dice.roll(2));
  for (uint32_t index = 0; index != 8; ++index) {
    ir::Chain &chain = made.chains.emplace_back();
    chain.declared = true;
    if (index < hooks)
      chain.hook = index == 0 ? Hook::Forward : Hook::Input;
    chain.name = chain.hook ? packet::name(*chain.hook) : userChainName(index);
    chain.policy = chain.hook ? policies[dice.roll(3)] : ir::Policy::None;
  }
}

RandomTable Maker::table() {
  made.name = "filter";
  addChains();
  for (uint64_t count = 6 + dice.roll(25); count != 0; --count) {
    // The first chains get most of the rules, or few packets would come to the others.
    uint32_t chain = uint32_t(dice.roll(1 + dice.roll(made.chains.size())));
    Condition when = condition();
    Act then = act(chain);
    ir::Rule &rule = made.chains[chain].rules.emplace_back(makeRule(when, then));
    for (llvm::StringRef &word : rule.words)
      word = words.emplace_back(word.str());
  }
  return {std::move(made), std::move(words)};
}

RandomTable randomTable(uint64_t seed) {
  return Maker(seed).table();
}

} // namespace iptlint::oracle
