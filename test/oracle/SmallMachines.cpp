#include "SmallMachines.h"
#include <fmt/format.h>

namespace iptlint::oracle {

using Rules = std::vector<llvm::StringRef>;

// Two addresses and the rest, one bit of the mark, the states.

static Rules rawRules() {
  return {"",
          "-j CT --notrack",
          "-d 10.0.0.1 -j CT --notrack",
          "-d 10.0.0.1 -j DROP",
          "-m mark --mark 1 -j DROP",
          "-m conntrack --ctstate INVALID -j DROP",
          "-j CONNMARK --restore-mark"};
}

static Rules mangleRules() {
  return {"",
          "-j MARK --set-mark 1",
          "-d 10.0.0.1 -j MARK --set-mark 1",
          "-d 10.0.0.1 -j DROP",
          "! -d 10.0.0.2 -j DROP",
          "-m mark --mark 1 -j DROP",
          "-m conntrack --ctstate INVALID -j DROP",
          "-m conntrack --ctstate NEW -j DROP",
          "-m conntrack --ctstate UNTRACKED -j MARK --set-mark 0"};
}

static Rules natRules() {
  return {"",
          "-j DNAT --to-destination 10.0.0.2",
          "-d 10.0.0.1 -j DNAT --to-destination 10.0.0.2",
          "-m mark --mark 1 -j DNAT --to-destination 10.0.0.2",
          "-m conntrack --ctstate NEW -j DNAT --to-destination 10.0.0.1",
          "-m conntrack --ctstate ESTABLISHED -j ACCEPT",
          "-m conntrack --ctstate INVALID -j ACCEPT"};
}

static Rules lastRules() {
  return {"-d 10.0.0.1 -j LOG",
          "-d 10.0.0.2 -j LOG",
          "! -d 10.0.0.2 -m conntrack --ctstate NEW -j LOG",
          "-d 10.0.0.1 -m conntrack --ctstate ESTABLISHED -j LOG",
          "-m conntrack --ctstate INVALID -j LOG",
          "-m conntrack --ctstate UNTRACKED -j LOG",
          "-m conntrack --ctstate UNTRACKED -m mark --mark 1 -j LOG",
          "-m mark --mark 1 -j LOG",
          "-m mark ! --mark 1 -j LOG",
          "-d 10.0.0.1 -m mark ! --mark 1 -j LOG"};
}

static Rules filterRules() {
  return {"", "-d 10.0.0.1 -j DROP", "-m conntrack --ctstate NEW -j DROP", "-m mark --mark 1 -j DROP", "-j ACCEPT"};
}

static Rules postroutingRules() {
  return {"-j MASQUERADE", "-m conntrack --ctstate ESTABLISHED -j MASQUERADE", "-d 10.0.0.1 -j MASQUERADE",
          "-m mark --mark 1 -j ACCEPT", "-m conntrack --ctstate NEW -m mark ! --mark 1 -j MASQUERADE"};
}

static Rules flowMarkRules() {
  return {"", "-j CONNMARK --restore-mark", "-j CONNMARK --save-mark", "-j CONNMARK --set-mark 1",
          "-j MARK --set-mark 1"};
}

uint64_t MachineFamily::count() const {
  uint64_t count = 1;
  for (const Slot &slot : slots)
    count *= slot.rules.size();
  return count;
}

std::string MachineFamily::text(uint64_t number) const {
  std::map<llvm::StringRef, std::pair<std::string, std::string>> tables; // declarations and rules
  for (const Slot &slot : slots) {
    auto &[declarations, rules] = tables[slot.table];
    std::string declaration = fmt::format(":{} ACCEPT [0:0]\n", slot.chain.str());
    if (!llvm::StringRef(declarations).contains(declaration))
      declarations += declaration;
    if (llvm::StringRef rule = slot.rules[number % slot.rules.size()]; !rule.empty())
      rules += fmt::format("-A {} {}\n", slot.chain.str(), rule.str());
    number /= slot.rules.size();
  }
  std::string text;
  for (const auto &[table, lines] : tables)
    text += fmt::format("*{}\n{}{}COMMIT\n", table.str(), lines.first, lines.second);
  return text;
}

const std::vector<MachineFamily> &machineFamilies() {
  static const std::vector<MachineFamily> all = {
      {"forwarded",
       {{"raw", "PREROUTING", rawRules()},
        {"mangle", "PREROUTING", mangleRules()},
        {"nat", "PREROUTING", natRules()},
        {"filter", "FORWARD", lastRules()}}},
      {"delivered",
       {{"mangle", "PREROUTING", mangleRules()},
        {"nat", "PREROUTING", natRules()},
        {"filter", "INPUT", filterRules()},
        {"filter", "INPUT", lastRules()}}},
      {"own",
       {{"raw", "OUTPUT", rawRules()},
        {"mangle", "OUTPUT", mangleRules()},
        {"nat", "OUTPUT", natRules()},
        {"filter", "OUTPUT", lastRules()}}},
      {"leaving",
       {{"mangle", "PREROUTING", mangleRules()},
        {"filter", "FORWARD", filterRules()},
        {"mangle", "POSTROUTING", filterRules()},
        {"nat", "POSTROUTING", postroutingRules()}}},
      {"back-by-lo",
       {{"mangle", "OUTPUT", mangleRules()},
        {"nat", "OUTPUT", natRules()},
        {"nat", "PREROUTING", {"", "-i lo -j ACCEPT", "-j DNAT --to-destination 10.0.0.1"}},
        {"filter",
         "INPUT",
         {"-i lo -d 10.0.0.1 -j LOG", "-i lo -d 10.0.0.2 -j LOG", "! -i lo -d 10.0.0.2 -j LOG",
          "-i lo -m mark --mark 1 -j LOG", "-i lo -m conntrack --ctstate NEW -j LOG"}}}},
      {"flow-marks",
       {{"raw", "OUTPUT", flowMarkRules()},
        {"mangle", "OUTPUT", flowMarkRules()},
        {"filter",
         "OUTPUT",
         {"-m mark --mark 1 -m connmark ! --mark 1 -j LOG", "-m mark ! --mark 1 -m connmark --mark 1 -j LOG",
          "-m connmark --mark 1 -m conntrack --ctstate INVALID -j LOG"}}}},
      {"without-mangle",
       {{"raw", "PREROUTING", rawRules()}, {"nat", "PREROUTING", natRules()}, {"filter", "FORWARD", lastRules()}}},
      {"without-nat",
       {{"raw", "PREROUTING", rawRules()}, {"mangle", "PREROUTING", mangleRules()}, {"filter", "INPUT", lastRules()}}},
      {"answers",
       {{"mangle", "PREROUTING", mangleRules()},
        {"nat", "POSTROUTING", postroutingRules()},
        {"filter", "FORWARD", lastRules()}}},
  };
  return all;
}

World worldOf(llvm::StringRef text) {
  using packet::CtState;
  World world = {.values = {},
                 .states = {CtState::New, CtState::Established, CtState::Related, CtState::Invalid, CtState::Untracked},
                 .wires = {"em1"},
                 .functions = {}};
  if (text.contains(" lo ")) // a frame may be sent there past the tables
    world.wires.push_back("lo");
  if (text.contains("10.0.0."))
    world.values[Field::Dst] = {0x0a000001, 0x0a000002, 0x0a000009};
  if (text.contains("mark"))
    world.values[Field::Mark] = {0, 1};
  if (text.contains_insensitive("connmark"))
    world.values[Field::ConnMark] = {0, 1};
  return world;
}

} // namespace iptlint::oracle
