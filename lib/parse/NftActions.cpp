#include "parse/NftActions.h"
#include "parse/NftFields.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Family;

using Words = llvm::ArrayRef<llvm::StringRef>;

constexpr uint32_t kAllMark = 0xffffffff;

// --- marks

namespace {

/// What stands behind `set`: (`from` & keep) ^ flip, or `flip` alone.
struct Term {
  llvm::StringRef from; ///< "meta" or "ct"; empty: no mark
  uint32_t keep = kAllMark, flip = 0;
};

} // namespace

static std::optional<Term> readTerm(Words words) {
  Term term;
  auto take = [&](uint32_t &into) {
    auto number = words.size() < 2 ? std::nullopt : nftNumber(words[1], kAllMark);
    into = uint32_t(number.value_or(0));
    words = words.drop_front(std::min<size_t>(2, words.size()));
    return number.has_value();
  };
  if (words.size() == 1) {
    auto number = nftNumber(words[0], kAllMark);
    term.flip = uint32_t(number.value_or(0));
    return number ? std::optional(term) : std::nullopt;
  }
  if (words.size() < 2 || words[1] != "mark")
    return std::nullopt;
  term.from = words[0];
  words = words.drop_front(2);
  if (!words.empty() && words[0] == "&" && !take(term.keep))
    return std::nullopt;
  if (!words.empty() && words[0] == "^" && !take(term.flip))
    return std::nullopt;
  return words.empty() ? std::optional(term) : std::nullopt;
}

/// `meta mark set ...`, `ct mark set ...`: iptables says which bits are cleared and which are turned round then.
static std::string setMarkWords(Words words) {
  bool flow = words[0] == "ct";
  std::optional<Term> term = words.size() > 3 && words[1] == "mark" ? readTerm(words.drop_front(3)) : std::nullopt;
  if (!term)
    return "";
  std::string name = flow ? "CONNMARK" : "MARK";
  if (term->from.empty())
    return fmt::format("{} --set-xmark {:#x}/0xffffffff", name, term->flip);
  if (term->from == words[0])
    return fmt::format("{} --set-xmark {:#x}/{:#x}", name, term->flip, kAllMark & ~term->keep);
  if (term->keep != kAllMark || term->flip != 0)
    return "";
  return flow ? "CONNMARK --save-mark" : "CONNMARK --restore-mark";
}

// --- conditions with state

/// `numgen random mod 2147483648 < N` is true of N in 2^31 packets; iptables writes the share as a real number.
static std::string chanceWords(Words words) {
  constexpr uint64_t kAll = 0x80000000;
  auto of = nftNumber(words[3], kAll), taken = nftNumber(words[5], kAll);
  if (words.size() != 6 || of != kAll || !taken)
    return "";
  return fmt::format("-m statistic --mode random --probability {:.11f}", double(*taken) / double(kAll));
}

/// Where no burst is named, nft and iptables both grant five.
static std::string limitWords(Words words) {
  std::string text = ("-m limit --limit " + words[2]).str();
  return words.size() > 4 ? text + " --limit-burst " + words[4].str() : text;
}

// --- logging

/// What stands behind `flags`, up to two words.
static llvm::StringRef logFlag(llvm::StringRef first, llvm::StringRef second) {
  if (first == "tcp")
    return second == "sequence" ? "--log-tcp-sequence" : second == "options" ? "--log-tcp-options" : "";
  if (first == "ip")
    return second == "options" ? "--log-ip-options" : "";
  return first == "skuid" ? "--log-uid" : first == "ether" ? "--log-macdecode" : "";
}

/// `log` with a group is NFLOG; without one, LOG. Both leave a level of `warn` unsaid.
static std::string logWords(Words words) {
  static constexpr llvm::StringLiteral levels[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
  bool group = llvm::is_contained(words, "group");
  std::string text = group ? "NFLOG" : "LOG";
  for (size_t i = 1; i < words.size(); i += 2) {
    llvm::StringRef word = words[i], value = i + 1 < words.size() ? words[i + 1] : llvm::StringRef();
    if (word == "prefix")
      text += ((group ? " --nflog-prefix " : " --log-prefix ") + value).str();
    else if (word == "group")
      text += (" --nflog-group " + value).str();
    else if (word == "queue-threshold" && group)
      text += (" --nflog-threshold " + value).str();
    else if (word == "level" && !group && llvm::is_contained(levels, value))
      text += " --log-level " + std::to_string(llvm::find(levels, value) - std::begin(levels));
    else if (word == "flags" && !group) {
      llvm::StringRef option = logFlag(value, i + 2 < words.size() ? words[i + 2] : llvm::StringRef());
      if (option.empty())
        return "";
      text += (" " + option).str();
      i += value == "tcp" || value == "ip";
    } else
      return "";
  }
  return text;
}

// --- verdicts

/// Without a type, a packet is answered that the port is unreachable.
static std::string rejectWords(Words words, Family family) {
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> four[] = {
      {"net-unreachable", "icmp-net-unreachable"},    {"host-unreachable", "icmp-host-unreachable"},
      {"prot-unreachable", "icmp-proto-unreachable"}, {"port-unreachable", "icmp-port-unreachable"},
      {"net-prohibited", "icmp-net-prohibited"},      {"host-prohibited", "icmp-host-prohibited"},
      {"admin-prohibited", "icmp-admin-prohibited"}};
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> six[] = {
      {"no-route", "icmp6-no-route"},
      {"admin-prohibited", "icmp6-adm-prohibited"},
      {"addr-unreachable", "icmp6-addr-unreachable"},
      {"port-unreachable", "icmp6-port-unreachable"}};
  bool isFour = family == Family::IPv4;
  if (words.size() == 1)
    return isFour ? "REJECT --reject-with icmp-port-unreachable" : "REJECT --reject-with icmp6-port-unreachable";
  if (words[2] == "tcp" && words[3] == "reset")
    return "REJECT --reject-with tcp-reset";
  if (words[2] != (isFour ? "icmp" : "icmpv6") || words.size() < 5)
    return "";
  for (auto [type, option] : isFour ? llvm::makeArrayRef(four) : llvm::makeArrayRef(six))
    if (words[4] == type)
      return ("REJECT --reject-with " + option).str();
  return "";
}

/// The flags from word \p first on; nothing where one is none of iptables'.
static std::optional<std::string> natFlagWords(Words words) {
  std::string text;
  for (llvm::StringRef word : words)
    if (word == "random")
      text += " --random";
    else if (word == "fully-random")
      text += " --random-fully";
    else if (word == "persistent")
      text += " --persistent";
    else if (word != ",")
      return std::nullopt;
  return text;
}

static std::string natWords(Words words) {
  auto flags = natFlagWords(words.drop_front(3));
  if (!flags)
    return "";
  llvm::StringRef option = words[0] == "dnat" ? "DNAT --to-destination " : "SNAT --to-source ";
  return (option + words[2] + *flags).str();
}

/// `masquerade to :1024-2048`
static std::string portNatWords(Words words) {
  std::string text = words[0] == "masquerade" ? "MASQUERADE" : "REDIRECT";
  Words rest = words.drop_front();
  if (rest.size() > 1 && rest[0] == "to") {
    llvm::StringRef ports = rest[1];
    if (!ports.consume_front(":"))
      return "";
    text += (" --to-ports " + ports).str();
    rest = rest.drop_front(2);
  }
  auto flags = natFlagWords(rest);
  return flags ? text + *flags : "";
}

std::string nftWords(const NftClause &clause, Family family) {
  Words words = clause.words;
  switch (clause.kind) {
  case NftClauseKind::SetMark:
    return setMarkWords(words);
  case NftClauseKind::Chance:
    return chanceWords(words);
  case NftClauseKind::Limit:
    return limitWords(words);
  case NftClauseKind::Log:
    return logWords(words);
  case NftClauseKind::Reject:
    return rejectWords(words, family);
  case NftClauseKind::Nat:
    return natWords(words);
  case NftClauseKind::PortNat:
    return portNatWords(words);
  case NftClauseKind::Notrack:
    return "CT --notrack";
  case NftClauseKind::Match:
  case NftClauseKind::Map:
  case NftClauseKind::Counter:
  case NftClauseKind::Verdict:
  case NftClauseKind::Comment:
    break;
  }
  return "";
}

} // namespace iptlint::parse
