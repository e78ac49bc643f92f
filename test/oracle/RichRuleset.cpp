#include "RandomRuleset.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::oracle {

namespace {

/// The things that one rich rule set tests and writes.
enum class Theme : uint8_t { Addresses, Ports, Interfaces, Mark, FlowMark, State, Traffic, Ttl, Function, Stateful };

class RichWriter {
public:
  explicit RichWriter(uint64_t seed) : dice(seed) { chooseThemes(seed % 2 == 0); }

  std::string write() {
    std::string text;
    for (llvm::StringRef name : {"raw", "mangle", "nat", "filter"})
      if (dice.roll(6))
        text += writeTable(name);
    return text.empty() ? "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n" : text;
  }

private:
  /// Every other rule set is about few things, so that all packets of its tables can be tried.
  void chooseThemes(bool few) {
    for (unsigned theme = 0; theme <= unsigned(Theme::Stateful); ++theme)
      themes.push_back(Theme(theme));
    while (few && themes.size() > 4)
      themes.erase(themes.begin() + dice.roll(themes.size()));
  }

  bool isAbout(Theme theme) const { return llvm::is_contained(themes, theme); }

  std::string writeTable(llvm::StringRef name) {
    table = name;
    std::string text = "*" + name.str() + "\n", rules;
    for (llvm::StringRef hook : hooksOf(name))
      if (dice.roll(8)) {
        text += fmt::format(":{} {} [0:0]\n", hook, name != "nat" && dice.roll(8) == 0 ? "DROP" : "ACCEPT");
        rules += writeRules(hook, 5);
      }
    for (llvm::StringRef chain : {"A", "B", "C"}) {
      text += fmt::format(":{} - [0:0]\n", chain);
      rules += writeRules(chain, 4);
    }
    return text + rules + "COMMIT\n";
  }

  std::string writeRules(llvm::StringRef of, unsigned most) {
    chain = of;
    std::string rules;
    for (uint64_t n = dice.roll(most + 1); n != 0; --n) {
      std::string then = target();
      rules += fmt::format("-A {}{}{}\n", chain, conditionFor(then), then);
    }
    return rules;
  }

  bool isHook(std::initializer_list<llvm::StringRef> hooks) const { return llvm::is_contained(hooks, chain); }
  bool isUser() const { return chain.size() == 1; }
  /// Whether the chain may hold what changes destinations: C is for nat's other hooks.
  bool isForDestinations() const { return isHook({"PREROUTING", "OUTPUT", "A", "B"}); }

  // --- Conditions

  std::string conditionFor(llvm::StringRef then) {
    bool needsPorts = then.contains("--to-ports") || then.contains(":81");
    std::string text, protocol = needsPorts || (isAbout(Theme::Ports) && dice.roll(4) == 0) ? " -p tcp" : "";
    std::string matches =
        protocol.empty() || dice.roll(2) ? "" : fmt::format(" -m tcp{} --dport {}", negation(), 80 + dice.roll(2));
    for (uint64_t tests = dice.roll(3); tests != 0; --tests)
      addTest(themes[dice.roll(themes.size())], text, matches);
    return text + protocol + matches;
  }

  std::string negation() { return dice.roll(4) ? "" : " !"; }

  /// Each option once only.
  static void add(std::string &text, llvm::StringRef option, std::string test) {
    if (!llvm::StringRef(text).contains((option + " ").str()))
      text += test;
  }

  void addTest(Theme theme, std::string &text, std::string &matches) {
    switch (theme) {
    case Theme::Addresses:
      return addAddress(text);
    case Theme::Ports:
      return;
    case Theme::Interfaces:
      return addInterface(text);
    case Theme::Mark:
      return add(matches, "mark --mark",
                 fmt::format(" -m mark{} --mark {}", negation(), pick({"1/1", "0/1", "2/3", "1", "0", "3/2"})));
    case Theme::FlowMark:
      return add(matches, "connmark --mark",
                 fmt::format(" -m connmark{} --mark {}", negation(), pick({"1/1", "0/1", "1"})));
    case Theme::State:
      return add(
          matches, "--ctstate",
          fmt::format(" -m conntrack{} --ctstate {}", negation(),
                      pick({"NEW", "ESTABLISHED", "NEW,RELATED", "RELATED,ESTABLISHED", "INVALID", "UNTRACKED"})));
    case Theme::Traffic:
      return add(matches, "--dscp", fmt::format(" -m dscp{} --dscp {}", negation(), dice.roll(2) ? "0x0a" : "0x00"));
    case Theme::Ttl:
      return add(matches, "-m ttl", fmt::format(" -m ttl {}", pick({"--ttl-eq 64", "--ttl-lt 64", "--ttl-gt 64"})));
    case Theme::Function:
      return add(matches, "--string",
                 fmt::format(" -m string{} --string \"{}\" --algo bm", negation(), pick({"a", "b"})));
    case Theme::Stateful:
      return add(matches, "--limit", " -m limit --limit 1/sec");
    }
  }

  void addAddress(std::string &text) {
    std::string option = pick({"-s", "-d"});
    add(text, option, fmt::format("{} {} 10.0.0.{}/{}", negation(), option, dice.roll(4), pick({"31", "32"})));
  }

  void addInterface(std::string &text) {
    if (isHook({"PREROUTING", "INPUT", "FORWARD"}) || (isUser() && dice.roll(2)))
      return add(text, "-i", fmt::format("{} -i {}", negation(), pick({"em1", "em+", "lo"})));
    if (isHook({"FORWARD", "OUTPUT", "POSTROUTING"}) || isUser())
      add(text, "-o", fmt::format("{} -o {}", negation(), pick({"em1", "em+", "lo"})));
  }

  // --- Targets

  std::string target() {
    switch (dice.roll(8)) {
    case 0:
    case 1:
      return " -j ACCEPT";
    case 2:
      return table == "nat" ? " -j ACCEPT" : table == "filter" && dice.roll(3) == 0 ? " -j REJECT" : " -j DROP";
    case 3:
      return pick({" -j RETURN", " -j LOG", ""});
    case 4:
    case 5:
      return leading();
    default:
      return table == "nat" && dice.roll(2) ? translating() : writing();
    }
  }

  /// To a chain further down, so that there are no cycles.
  std::string leading() {
    llvm::StringRef chains = "ABC";
    llvm::StringRef further = isUser() ? chains.drop_front(chains.find(chain) + 1) : chains;
    if (table == "nat" && !isForDestinations())
      further = isUser() ? "" : "C";
    if (further.empty())
      return " -j RETURN";
    return fmt::format(" {} {}", dice.roll(4) ? "-j" : "-g", further[dice.roll(further.size())]);
  }

  std::string translating() {
    if (!isForDestinations())
      return chain == "POSTROUTING" ? pick({" -j MASQUERADE", " -j SNAT --to-source 10.0.0.3"}) : " -j ACCEPT";
    switch (dice.roll(4)) {
    case 0:
      return fmt::format(" -j DNAT --to-destination 10.0.0.{}:81", dice.roll(3));
    case 1:
      return isAbout(Theme::Ports) ? " -j REDIRECT --to-ports 81" : " -j REDIRECT";
    case 2:
      return " -j NETMAP --to 10.0.0.2/31";
    default:
      return fmt::format(" -j DNAT --to-destination 10.0.0.{}", dice.roll(3));
    }
  }

  std::string writing() {
    std::vector<std::string> all = {" -j LOG"};
    auto offer = [&](Theme theme, std::initializer_list<const char *> targets) {
      if (isAbout(theme))
        all.insert(all.end(), targets.begin(), targets.end());
    };
    offer(Theme::Mark,
          {" -j MARK --set-mark 1", " -j MARK --set-mark 0", " -j MARK --or-mark 1", " -j MARK --and-mark 0xfffffffe",
           " -j MARK --xor-mark 1", " -j MARK --set-xmark 2/3", " -j MARK --set-mark 3/2"});
    if (isAbout(Theme::Mark))
      offer(Theme::FlowMark,
            {" -j CONNMARK --save-mark", " -j CONNMARK --restore-mark", " -j CONNMARK --restore-mark --mask 1"});
    offer(Theme::FlowMark, {" -j CONNMARK --set-xmark 1/1", " -j CONNMARK --set-mark 0"});
    if (table == "raw")
      offer(Theme::State, {" -j CT --notrack", " -j CT --notrack"});
    if (table == "mangle") {
      offer(Theme::Traffic, {" -j DSCP --set-dscp 0x0a", " -j DSCP --set-dscp 0x00"});
      offer(Theme::Ttl, {" -j TTL --ttl-set 64", " -j TTL --ttl-dec 1"});
    }
    return all[dice.roll(all.size())];
  }

  std::string pick(std::initializer_list<const char *> words) { return words.begin()[dice.roll(words.size())]; }

  Dice dice;
  std::vector<Theme> themes;
  llvm::StringRef table, chain; ///< where a rule is being written
};

} // namespace

std::string richRuleset(uint64_t seed) {
  return RichWriter(seed).write();
}

} // namespace iptlint::oracle
