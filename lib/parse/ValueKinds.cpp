// Values of options that are not modelled: whether iptables would take them.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

/// The largest number that fits a kind of value; 0 where it is no number.
static uint64_t largest(ValueKind kind) {
  switch (kind) {
  case ValueKind::U8:
  case ValueKind::U8Range:
    return 0xff;
  case ValueKind::U16:
  case ValueKind::U16Range:
    return 0xffff;
  case ValueKind::U32:
  case ValueKind::U32Range:
    return 0xffffffff;
  case ValueKind::U64:
  case ValueKind::U64Range:
    return ~uint64_t(0);
  default:
    return 0;
  }
}

static bool isNumber(llvm::StringRef text, const Option &option) {
  auto number = parseNumber(text, option.max ? option.max : largest(option.value));
  return number && *number >= option.min;
}

static bool isNumberRange(llvm::StringRef text, ValueKind kind) {
  auto [first, last] = text.split(':');
  return (first.empty() || parseNumber(first, largest(kind))) && (last.empty() || parseNumber(last, largest(kind)));
}

static bool isReal(llvm::StringRef text) {
  double value = 0;
  return !text.getAsDouble(value) && value >= 0 && value <= 1;
}

/// `3`, `3/s`, `3/second`.
static bool isRate(llvm::StringRef text) {
  constexpr unsigned kMostPerSecond = 10000;
  static constexpr llvm::StringLiteral units[] = {"second", "minute", "hour", "day"};
  auto [count, unit] = text.split('/');
  auto number = parseNumber(count, 0xffffffff);
  if (!number || *number == 0)
    return false;
  if (count == text)
    return true;
  bool known = !unit.empty() && llvm::any_of(units, [unit = unit](llvm::StringRef name) {
    return name.startswith_insensitive(unit);
  });
  return known && (*number <= kMostPerSecond || !llvm::StringRef("second").startswith_insensitive(unit));
}

static bool isLogLevel(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"alert", "crit",   "debug", "emerg",  "error",
                                                  "info",  "notice", "panic", "warning"};
  return parseNumber(text, 7) || llvm::is_contained(names, text);
}

/// Any beginning of a name will do.
static bool isRejectType(llvm::StringRef text, packet::Family family) {
  static constexpr llvm::StringLiteral names4[] = {
      "icmp-net-unreachable",  "net-unreach",   "icmp-host-unreachable", "host-unreach", "icmp-proto-unreachable",
      "proto-unreach",         "icmp-port-unreachable", "port-unreach",  "icmp-net-prohibited", "net-prohib",
      "icmp-host-prohibited",  "host-prohib",   "tcp-reset",             "tcp-rst",      "icmp-admin-prohibited",
      "admin-prohib"};
  static constexpr llvm::StringLiteral names6[] = {
      "icmp6-no-route",         "no-route",     "icmp6-adm-prohibited", "adm-prohibited", "icmp6-addr-unreachable",
      "addr-unreach",           "icmp6-port-unreachable", "port-unreach", "tcp-reset",    "icmp6-policy-fail",
      "policy-fail",            "icmp6-reject-route",     "reject-route"};
  auto names = family == packet::Family::IPv4 ? llvm::makeArrayRef(names4) : llvm::makeArrayRef(names6);
  return llvm::any_of(names, [&](llvm::StringRef name) { return name.startswith_insensitive(text); });
}

bool fits(llvm::StringRef text, const Option &option, packet::Family family) {
  switch (option.value) {
  case ValueKind::None:
  case ValueKind::OptionalText:
  case ValueKind::TwoTexts:
  case ValueKind::ChainNumber:
  case ValueKind::Counters:
    return true;
  case ValueKind::Text:
    return text.size() >= option.min && (option.max == 0 || text.size() <= option.max);
  case ValueKind::U8:
  case ValueKind::U16:
  case ValueKind::U32:
  case ValueKind::U64:
    return isNumber(text, option);
  case ValueKind::U8Range:
  case ValueKind::U16Range:
  case ValueKind::U32Range:
  case ValueKind::U64Range:
    return isNumberRange(text, option.value);
  case ValueKind::Real:
    return isReal(text);
  case ValueKind::MarkMask:
    return parseMarkMask(text).has_value();
  case ValueKind::Port:
    return parsePort(text).has_value();
  case ValueKind::PortRange:
    return parsePortRange(text).has_value();
  case ValueKind::Mac:
    return parseMac(text).has_value();
  case ValueKind::Rate:
    return isRate(text);
  case ValueKind::LogLevel:
    return isLogLevel(text);
  case ValueKind::RejectType:
    return isRejectType(text, family);
  }
  llvm_unreachable("every kind of value is above");
}

} // namespace iptlint::parse
