// An interface that one rule alone names, one letter from an interface that is in use.
//
// iptables takes any name, since interfaces come and go, and the rule then waits for one that never comes. Only slips
// inside a word are looked for, etj0 for eth0: families of names differ in their digits (eth0, eth1), their first
// letter (wan, lan) or their last (vpnc, vpns).
#include "lint/Agents.h"
#include "lint/Check.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using llvm::StringRef;

/// Rules that have to name an interface before another name counts as a slip of it.
static constexpr unsigned kUsual = 3;
/// Shorter words are one letter apart by chance: em1 and en1.
static constexpr size_t kShortestWord = 3;

/// Words that drivers and tools give to interfaces, where one is a letter from another.
static constexpr StringRef kFamilies[] = {"eno",  "enp", "ens", "gre",  "gretap", "ipip",   "ipsec",   "ppp",   "pppoe",
                                          "sit",  "tap", "tun", "tunl", "usb",    "veth",   "vlan",    "vmnet", "vnet",
                                          "wlan", "wlp", "wls", "wwan", "xfrm",   "ipvlan", "macvlan", "vxlan"};

/// What Docker, Open vSwitch, OpenStack and Cilium begin names with that they make up.
static constexpr StringRef kMadeUp[] = {"veth", "tap", "qbr", "qvb", "qvo", "lxc"};

namespace {

/// Who names an interface.
struct Usage {
  unsigned words = 0;
  unsigned rules = 0;             ///< one with -i and -o has two words
  unsigned lastRule = 0;          ///< by number, from 1
  std::optional<RuleFacts> first; ///< in the text
  support::SourceRange at;        ///< in that rule
  bool inSet = false;

  bool usual() const { return inSet || rules >= kUsual; }
};

/// In the order of their first rule, so that findings are.
class Usages {
public:
  explicit Usages(const Facts &facts);

  /// An interface in use that \p name is a slip of; nullptr if there is none.
  const std::pair<StringRef, Usage> *lookAlike(StringRef name) const;

  std::vector<std::pair<StringRef, Usage>> all;

private:
  Usage &of(StringRef name);

  llvm::StringMap<size_t> places;
};

} // namespace

// --- which names are one letter apart

/// The letters around a place of a name.
static StringRef wordAround(StringRef name, size_t at) {
  size_t begin = at, end = at;
  while (begin != 0 && llvm::isAlpha(name[begin - 1]))
    --begin;
  while (end != name.size() && llvm::isAlpha(name[end]))
    ++end;
  return name.slice(begin, end);
}

static size_t commonStart(StringRef left, StringRef right) {
  size_t common = 0;
  while (common != std::min(left.size(), right.size()) && left[common] == right[common])
    ++common;
  return common;
}

/// One letter changed, left out or added, or two neighbours swapped, where the names begin to differ.
static bool isOneEdit(StringRef left, StringRef right) {
  bool lLetter = llvm::isAlpha(left[0]), rLetter = llvm::isAlpha(right[0]);
  bool swapped = left.size() >= 2 && right.size() >= 2 && left[0] == right[1] && left[1] == right[0];
  if (lLetter && rLetter && (left.substr(1) == right.substr(1) || (swapped && left.substr(2) == right.substr(2))))
    return true;
  return (lLetter && left.substr(1) == right) || (rLetter && left == right.substr(1));
}

/// Whether a word is one that somebody may have meant, or made at random: part of a hash, ens for a slot.
static bool isOwnWord(StringRef word) {
  return llvm::is_contained(kFamilies, word) || llvm::all_of(word, llvm::isHexDigit);
}

/// Whether \p name is \p meant with one slip inside a word.
static bool isSlip(StringRef name, StringRef meant) {
  size_t at = commonStart(name, meant);
  if (at == name.size() || at == meant.size() || !isOneEdit(name.substr(at), meant.substr(at)))
    return false;
  StringRef word = wordAround(name, at), wanted = wordAround(meant, at);
  bool atStart = word.begin() == name.begin() + at || wanted.begin() == meant.begin() + at;
  bool inside = word.end() != name.end() && wanted.end() != meant.end();
  return !atStart && inside && std::min(word.size(), wanted.size()) >= kShortestWord && !isOwnWord(word);
}

// --- who names what

/// With a + where the member stands for all that begin so.
static std::string interfaceOf(const ir::SetValue &part) {
  return packet::interfaceName(part.lo) + (part.lo == part.hi ? "" : "+");
}

static void eachSetInterface(const ir::Sets &sets, llvm::function_ref<void(std::string)> visit) {
  for (const ir::Set &set : sets.sets)
    for (size_t part = 0; part != set.parts.size(); ++part)
      if (set.parts[part] == ir::SetPart::Interface)
        for (const ir::SetMember &member : set.members)
          visit(interfaceOf(member.parts[part]));
}

Usage &Usages::of(StringRef name) {
  auto [place, isNew] = places.try_emplace(name, all.size());
  if (isNew)
    all.emplace_back(place->first(), Usage());
  return all[place->second].second;
}

Usages::Usages(const Facts &facts) {
  unsigned number = 0;
  eachRule(facts, [&](const RuleFacts &rule) {
    ++number;
    for (const ir::InterfaceName &interface : rule.rule().interfaces) {
      Usage &usage = of(interface.name);
      if (!usage.first || interface.at.begin < usage.at.begin) {
        usage.first.emplace(rule);
        usage.at = interface.at;
      }
      ++usage.words;
      usage.rules += usage.lastRule != number;
      usage.lastRule = number;
    }
  });
  if (facts.sets)
    eachSetInterface(*facts.sets, [&](const std::string &name) { of(name).inSet = true; });
}

const std::pair<StringRef, Usage> *Usages::lookAlike(StringRef name) const {
  auto found = llvm::find_if(all, [&](const auto &other) { return other.second.usual() && isSlip(name, other.first); });
  return found == all.end() ? nullptr : &*found;
}

static bool isMadeUp(StringRef name) {
  return !agentOfInterface(name).empty() ||
         llvm::any_of(kMadeUp, [&](StringRef start) { return name.startswith(start); });
}

/// Whether a rule asks for all interfaces that begin like this one: et+ knows etj0, a plain + tells nothing.
static bool isAmongOthers(StringRef name, const Usages &usages) {
  return llvm::any_of(usages.all, [&](const auto &other) {
    StringRef start = other.first;
    return start != name && start.consume_back("+") && !start.empty() && name.startswith(start);
  });
}

/// How often a text has the name, comments and longer names included: etj0.5, etj0_in.
static unsigned countMentions(StringRef text, StringRef name) {
  unsigned mentions = 0;
  for (size_t at = text.find(name); at != StringRef::npos; at = text.find(name, at + 1)) {
    bool begins = at == 0 || !llvm::isAlnum(text[at - 1]);
    bool ends = at + name.size() == text.size() || !llvm::isAlnum(text[at + name.size()]);
    mentions += begins && ends;
  }
  return mentions;
}

static std::string usersOf(const Usage &usage) {
  if (usage.rules == 0)
    return "a set has";
  return usage.rules == 1 ? "another rule names" : fmt::format("{} rules name", usage.rules);
}

static void run(const Facts &facts, Reporter &report) {
  Usages usages(facts);
  for (const auto &[name, usage] : usages.all) {
    if (usage.rules != 1 || usage.inSet || isMadeUp(name) || isAmongOthers(name, usages))
      continue;
    const auto *meant = usages.lookAlike(name);
    if (!meant || countMentions(facts.ruleset->source->text(), name) > usage.words)
      continue;
    const auto &[usual, use] = *meant;
    std::string message = fmt::format("'{}' stands in this rule alone; {} '{}'", name.str(), usersOf(use), usual.str());
    Finding finding = report.add(*usage.first, usage.at, message);
    if (use.first)
      finding.note(*use.first, fmt::format("'{}' is first named here", usual.str()));
  }
}

extern constinit const Check interface_typo = {
    .id = "interface-typo",
    .summary = "an interface that one rule alone names, one letter from one in use",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
