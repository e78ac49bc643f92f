#include "Journey.h"
#include <cassert>

namespace iptlint::oracle {

using packet::CtState;

namespace {

/// Answers as chosen; functions after a rewriting stay what they are until the table ends.
class Answers : public eval::Oracle {
public:
  Answers(Chooser &chooser, const World &world) : chooser(chooser), world(world) {}
  bool meets(const ir::OpaqueTest &) override { return chooser.choose(2); }
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override {
    auto [known, isNew] = functions.try_emplace({test.text.str(), rewrites}, false);
    if (isNew)
      known->second = chooser.choose(2);
    return known->second;
  }
  Value anyValue(Field field) override {
    auto values = world.values.find(field);
    return values == world.values.end() ? 0 : chooser.oneOf(values->second);
  }
  bool opaqueTargetEnds(const ir::Rule &) override { return chooser.choose(2); }
  bool brokenRuleMatches(const ir::Rule &) override { return chooser.choose(2); }
  bool policyAccepts(const ir::Chain &) override { return chooser.choose(2); }

private:
  Chooser &chooser;
  const World &world;
  std::map<std::pair<std::string, unsigned>, bool> functions;
};

} // namespace

static bool isNew(Value state) {
  return state < Value(CtState::Established);
}
static bool hasNoFlow(Value state) {
  return state >= Value(CtState::Invalid);
}

void Journey::setAny(Field field) {
  auto values = world.values.find(field);
  if (values != world.values.end())
    packet[field] = chooser.oneOf(values->second);
}

void Journey::run() {
  for (const auto &[field, values] : world.values)
    setAny(field);
  state = Value(chooser.oneOf(world.states));
  if (mayBe())
    fromWire(chooser.oneOf(world.wires), /*again=*/false);
  else
    ofOwn();
}

/// \param again  a packet of the machine's own that comes back by lo.
void Journey::fromWire(llvm::StringRef interface, bool again) {
  packet[Field::In] = packet::interfaceValue(interface);
  packet[Field::Out] = 0;
  if (!passes(Hook::Prerouting, {"raw", "mangle", "nat"}, !again))
    return;
  route();
  if (again || mayBe()) {
    passes(Hook::Input, {"mangle", "filter", "nat"}, !again);
    return;
  }
  packet[Field::Out] = packet::interfaceValue(chooser.oneOf(world.wires));
  if (passes(Hook::Forward, {"mangle", "filter"}, false))
    passes(Hook::Postrouting, {"mangle", "nat"}, true);
}

void Journey::ofOwn() {
  bool byLo = mayBe();
  packet[Field::Out] = packet::interfaceValue(byLo ? "lo" : world.wires.front());
  if (!passes(Hook::Output, {"raw", "mangle", "nat", "filter"}, true))
    return;
  route();
  if (passes(Hook::Postrouting, {"mangle", "nat"}, true) && byLo)
    fromWire("lo", /*again=*/true);
}

/// What may be different behind a routing decision.
void Journey::route() {
  setAny(Field::Ttl);
}

bool Journey::passes(Hook hook, llvm::ArrayRef<llvm::StringRef> tables, bool natIsAsked) {
  packet[Field::Hook] = Value(hook);
  for (llvm::StringRef name : tables) {
    if (name == "nat" && !natIsAsked)
      continue;
    packet[Field::CtState] = state;
    auto named = llvm::find_if(ruleset.tables, [&](const ir::Table &table) { return table.name == name; });
    uint32_t table = uint32_t(named - ruleset.tables.begin());
    if (named == ruleset.tables.end())
      changeUnseen(name);
    else if (name == "raw" ? !passesRaw(table) : name == "nat" ? !passesNat(table) : !passesTable(table))
      return false;
    tracked |= name == "raw";
  }
  packet[Field::CtState] = state;
  return true;
}

/// Conntrack has not seen the packet yet, but for one that comes back by lo, or that traffic control gave a flow.
bool Journey::passesRaw(uint32_t table) {
  tracked = tracked || mayBe();
  if (!tracked)
    packet[Field::CtState] = Value(CtState::Invalid);
  if (!passesTable(table))
    return false;
  if (!tracked && packet[Field::CtState] == Value(CtState::Untracked))
    state = Value(CtState::Untracked);
  return true;
}

/// A table that the text does not have may be loaded all the same, by another program.
void Journey::changeUnseen(llvm::StringRef table) {
  if (table == "mangle")
    for (Field field : {Field::Mark, Field::ConnMark, Field::Tos, Field::Ttl})
      setAny(field);
  if (table == "nat" && !hasNoFlow(state))
    translateOtherwise();
}

/// As conntrack has it, not as the rules say: an answer to a masqueraded flow goes anywhere.
void Journey::translateOtherwise() {
  if (!isAtDestinationHook())
    return;
  setAny(Field::Dst);
  setAny(Field::Dport);
}

/// Packets of older flows are translated as conntrack has it, without any rule; what has no flow is let alone.
bool Journey::passesNat(uint32_t table) {
  if (hasNoFlow(state))
    return true;
  if (isNew(state))
    return passesNewInNat(table);
  if (state >= Value(CtState::Related) && mayBe())
    return passesTable(table);
  translateOtherwise();
  return true;
}

/// The packet that starts a flow, or a later one that nothing has answered yet: that is translated as the first one
/// was, of which its flow is known and nothing else.
bool Journey::passesNewInNat(uint32_t table) {
  if (!isAtDestinationHook() || mayBe())
    return passesTable(table);
  Journey first(*this);
  first.hit = [](uint32_t, ir::RuleId) {};
  for (Field field : {Field::Mark, Field::ConnMark, Field::Tos, Field::Ttl})
    first.setAny(field);
  if (packet.hook() == Hook::Prerouting)
    first.packet[Field::In] = packet::interfaceValue(chooser.oneOf(world.wires));
  else
    first.packet[Field::Out] = packet::interfaceValue(mayBe() ? llvm::StringRef("lo") : world.wires.front());
  first.packet[Field::CtState] = first.state = Value(CtState::New);
  if (!first.passesTable(table))
    return false; // there is no flow then
  packet[Field::Dst] = first.packet[Field::Dst];
  packet[Field::Dport] = first.packet[Field::Dport];
  state |= first.state & packet::kCtDnat;
  return true;
}

bool Journey::passesTable(uint32_t t) {
  const ir::Table &table = ruleset.tables[t];
  packet.assume.clear();
  for (const std::string &function : world.functions)
    packet.assume[function] = mayBe();
  Answers answers(chooser, world);
  eval::Outcome outcome = eval::evaluate(table, packet, answers);
  for (const eval::Step &step : outcome.steps)
    hit(t, step.rule);
  packet = outcome.packet;
  if (outcome.verdict == "DROP" || llvm::StringRef(outcome.verdict).startswith("REJECT"))
    return false;
  if (outcome.decidedBy && outcome.verdict != "ACCEPT")
    translate(table.chains[outcome.decidedBy->chain].rules[outcome.decidedBy->rule].target);
  return true;
}

/// The value behind an option: of `--to-ports 81` and "--to-ports" that is 81.
static llvm::StringRef valueOf(llvm::StringRef options, llvm::StringRef option) {
  size_t at = options.find(option);
  return at == llvm::StringRef::npos ? llvm::StringRef() : options.substr(at + option.size()).trim().split(' ').first;
}

static Value addressOf(llvm::StringRef text) {
  Value address = 0;
  [[maybe_unused]] bool isAddress = packet::parseAddress(text, packet::Family::IPv4, address);
  assert(isAddress && "journeys know DNAT to one address only");
  return address;
}

/// Where packets go on to; what SNAT and MASQUERADE change is asked by nobody behind them.
void Journey::translate(const ir::Target &target) {
  llvm::StringRef port;
  if (target.name == "DNAT") {
    auto [address, behind] = valueOf(target.options, "--to-destination").split(':');
    packet[Field::Dst] = addressOf(address);
    port = behind;
  } else if (target.name == "REDIRECT") {
    setAny(Field::Dst);
    port = valueOf(target.options, "--to-ports");
  } else if (target.name == "NETMAP" && isAtDestinationHook()) {
    auto [address, length] = valueOf(target.options, "--to").split('/');
    unsigned bits = 0;
    length.getAsInteger(10, bits);
    Value host = (Value(1) << (32 - bits)) - 1;
    packet[Field::Dst] = (packet[Field::Dst] & host) | (addressOf(address) & ~host);
  } else {
    return;
  }
  unsigned number = 0;
  if (!port.getAsInteger(10, number))
    packet[Field::Dport] = number;
  state |= mayBe() ? packet::kCtDnat : 0;
}

} // namespace iptlint::oracle
