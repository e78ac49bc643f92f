#include "RandomRuleset.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::oracle {

std::vector<llvm::StringRef> hooksOf(llvm::StringRef table) {
  if (table == "raw")
    return {"PREROUTING", "OUTPUT"};
  if (table == "nat")
    return {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"};
  if (table == "filter")
    return {"INPUT", "FORWARD", "OUTPUT"};
  return {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
}

namespace {

class SmallWriter {
public:
  explicit SmallWriter(uint64_t seed) : dice(seed) {}

  std::string write() {
    std::string text;
    for (llvm::StringRef table : {"raw", "mangle", "nat", "filter"})
      if (dice.roll(4))
        text += writeTable(table);
    return text.empty() ? "*filter\nCOMMIT\n" : text;
  }

private:
  std::string writeTable(llvm::StringRef table) {
    std::string text = "*" + table.str() + "\n", rules;
    for (llvm::StringRef hook : hooksOf(table)) {
      bool drops = table != "nat" && dice.roll(8) == 0;
      text += fmt::format(":{} {} [0:0]\n", hook, drops ? "DROP" : "ACCEPT");
      for (uint64_t n = dice.roll(5); n != 0; --n)
        rules += fmt::format("-A {}{} -j {}\n", hook, condition(hook), target(table, hook));
    }
    text += ":A - [0:0]\n";
    for (uint64_t n = dice.roll(4); n != 0; --n)
      rules += fmt::format("-A A{} -j {}\n", condition(""), target(table, ""));
    return text + rules + "COMMIT\n";
  }

  std::string condition(llvm::StringRef hook) {
    std::string text;
    if (dice.roll(3) == 0)
      text += fmt::format(" {}-s 10.0.0.{}", dice.roll(4) ? "" : "! ", dice.roll(3));
    if (dice.roll(3) == 0)
      text += fmt::format(" -d 10.0.0.{}", dice.roll(3));
    if (dice.roll(4) == 0 && (hook == "PREROUTING" || hook == "INPUT" || hook == "FORWARD"))
      text += fmt::format(" -i {}", pick({"em1", "em2", "lo"}));
    if (dice.roll(4) == 0 && (hook == "FORWARD" || hook == "OUTPUT" || hook == "POSTROUTING"))
      text += fmt::format(" -o {}", pick({"em1", "em2", "lo"}));
    if (dice.roll(4) == 0)
      text += fmt::format(" -p tcp -m tcp --dport {}", 80 + dice.roll(2));
    if (dice.roll(4) == 0)
      text += fmt::format(" -m mark --mark {}", dice.roll(3));
    if (dice.roll(4) == 0)
      text += fmt::format(" -m conntrack --ctstate {}",
                          pick({"NEW", "ESTABLISHED", "NEW,RELATED", "INVALID", "UNTRACKED"}));
    return text;
  }

  std::string target(llvm::StringRef table, llvm::StringRef hook) {
    if (dice.roll(3) == 0)
      return table == "nat" ? "ACCEPT" : pick({"DROP", "ACCEPT", "DROP"});
    if (table == "raw" && dice.roll(3) == 0)
      return "CT --notrack";
    if (table == "nat" && (hook == "PREROUTING" || hook == "OUTPUT") && dice.roll(2))
      return fmt::format("DNAT --to-destination 10.0.0.{}", dice.roll(3));
    if (table == "mangle" && dice.roll(2))
      return fmt::format("MARK --set-xmark {}/0xffffffff", dice.roll(3));
    return hook.empty() ? pick({"RETURN", "LOG", "ACCEPT"}) : pick({"A", "LOG", "A", "RETURN"});
  }

  std::string pick(std::initializer_list<const char *> words) { return words.begin()[dice.roll(words.size())]; }

  Dice dice;
};

} // namespace

std::string smallRuleset(uint64_t seed) {
  return SmallWriter(seed).write();
}

static std::vector<Value> from(Value first, unsigned count) {
  std::vector<Value> values;
  for (Value value = first; value != first + count; ++value)
    values.push_back(value);
  return values;
}

const World &worldOfRandom() {
  using packet::CtState;
  static const World world = {.values = {{Field::Src, from(0x0a000000, 5)},
                                         {Field::Dst, from(0x0a000000, 5)},
                                         {Field::Proto, {packet::kTcp, packet::kUdp}},
                                         {Field::Dport, from(80, 3)},
                                         {Field::Mark, from(0, 4)},
                                         {Field::ConnMark, from(0, 3)},
                                         {Field::Tos, {0, 40, 41, 8}},
                                         {Field::Ttl, {63, 64, 65}}},
                              .states = {CtState::New, CtState::New, CtState::Established, CtState::Related,
                                         CtState::Invalid, CtState::Untracked},
                              .wires = {"em1", "em2", "eth0", "lo"},
                              .functions = {}};
  return world;
}

} // namespace iptlint::oracle
