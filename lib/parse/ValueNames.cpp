// Values that are words, names and what may be given by name.
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Family;

bool isNone(llvm::StringRef, const Option &, Family) {
  return true;
}
bool isOptionalText(llvm::StringRef, const Option &, Family) {
  return true;
}
bool isTwoTexts(llvm::StringRef, const Option &, Family) {
  return true;
}
bool isChainNumber(llvm::StringRef, const Option &, Family) {
  return true;
}

bool isText(llvm::StringRef text, const Option &option, Family) {
  return text.size() >= option.min && (option.max == 0 || text.size() <= option.max);
}

bool isCounters(llvm::StringRef text, const Option &, Family) {
  auto [packets, bytes] = text.split(',');
  return parseNumber(packets, ~uint64_t(0)) && (packets == text || parseNumber(bytes, ~uint64_t(0)));
}

bool isPort(llvm::StringRef text, const Option &, Family) {
  return parsePort(text).has_value();
}
bool isPortRange(llvm::StringRef text, const Option &, Family) {
  return parsePortRange(text).has_value();
}
bool isServicePort(llvm::StringRef text, const Option &, Family) {
  return parseServicePort(text).has_value();
}
bool isServicePortRange(llvm::StringRef text, const Option &, Family) {
  return parseServicePortRange(text).has_value();
}
bool isProtocol(llvm::StringRef text, const Option &, Family) {
  return parseProtocol(text).has_value();
}

bool isLogLevel(llvm::StringRef text, const Option &, Family) {
  static constexpr llvm::StringLiteral names[] = {"alert", "crit",   "debug", "emerg",  "error",
                                                  "info",  "notice", "panic", "warning"};
  return parseNumber(text, 7) || llvm::is_contained(names, text);
}

/// Any beginning of a name will do.
bool isRejectType(llvm::StringRef text, const Option &, Family family) {
  static constexpr llvm::StringLiteral names4[] = {"icmp-net-unreachable",
                                                   "net-unreach",
                                                   "icmp-host-unreachable",
                                                   "host-unreach",
                                                   "icmp-proto-unreachable",
                                                   "proto-unreach",
                                                   "icmp-port-unreachable",
                                                   "port-unreach",
                                                   "icmp-net-prohibited",
                                                   "net-prohib",
                                                   "icmp-host-prohibited",
                                                   "host-prohib",
                                                   "tcp-reset",
                                                   "tcp-rst",
                                                   "icmp-admin-prohibited",
                                                   "admin-prohib"};
  static constexpr llvm::StringLiteral names6[] = {"icmp6-no-route",
                                                   "no-route",
                                                   "icmp6-adm-prohibited",
                                                   "adm-prohibited",
                                                   "icmp6-addr-unreachable",
                                                   "addr-unreach",
                                                   "icmp6-port-unreachable",
                                                   "port-unreach",
                                                   "tcp-reset",
                                                   "icmp6-policy-fail",
                                                   "policy-fail",
                                                   "icmp6-reject-route",
                                                   "reject-route"};
  auto names = family == Family::IPv4 ? llvm::makeArrayRef(names4) : llvm::makeArrayRef(names6);
  return llvm::any_of(names, [&](llvm::StringRef name) { return name.startswith_insensitive(text); });
}

/// The kernel makes a file of the name.
bool isListName(llvm::StringRef text, const Option &, Family) {
  return !text.empty() && !text.contains('/');
}

bool isTimerLabel(llvm::StringRef text, const Option &, Family) {
  static constexpr llvm::StringLiteral taken[] = {"power", "subsystem", "uevent"};
  return !text.empty() && !text.contains('/') && !llvm::is_contained(taken, text);
}

static bool areAll(llvm::StringRef list, llvm::ArrayRef<llvm::StringLiteral> words) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  list.split(members, ',');
  return llvm::all_of(members, [&](llvm::StringRef member) {
    return llvm::any_of(words, [&](llvm::StringRef word) { return word.equals_insensitive(member); });
  });
}

bool isHmarkTuple(llvm::StringRef text, const Option &, Family) {
  static constexpr llvm::StringLiteral words[] = {"src", "dst", "sport", "dport", "spi", "proto", "ct"};
  return areAll(text, words);
}

/// iptables looks at three letters of each. Source: libxt_set.h, parse_dirs().
bool isSetAndFlags(llvm::StringRef text, const Option &, Family) {
  constexpr size_t kMost = 6; // IPSET_DIM_MAX
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',');
  return members.size() <= kMost && llvm::all_of(members, [](llvm::StringRef member) {
           return member.startswith("src") || member.startswith("dst");
         });
}

} // namespace iptlint::parse
