// Values that are numbers, or lists and pairs of them.
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using packet::Family;

static bool isNumber(llvm::StringRef text, const Option &option, uint64_t largest) {
  auto number = parseNumber(text, option.max ? option.max : largest);
  return number && *number >= option.min;
}

bool isU8(llvm::StringRef text, const Option &option, Family) {
  return isNumber(text, option, 0xff);
}
bool isU16(llvm::StringRef text, const Option &option, Family) {
  return isNumber(text, option, 0xffff);
}
bool isU32(llvm::StringRef text, const Option &option, Family) {
  return isNumber(text, option, 0xffffffff);
}
bool isU64(llvm::StringRef text, const Option &option, Family) {
  return isNumber(text, option, ~uint64_t(0));
}

static bool isNumberRange(llvm::StringRef text, const Option &option, uint64_t largest) {
  if (text.empty())
    return true;
  auto range = parseNumberRange(text, largest);
  return range && (!option.has(kAscending) || range->lo <= range->hi);
}

bool isU8Range(llvm::StringRef text, const Option &option, Family) {
  return isNumberRange(text, option, 0xff);
}
bool isU16Range(llvm::StringRef text, const Option &option, Family) {
  return isNumberRange(text, option, 0xffff);
}
bool isU32Range(llvm::StringRef text, const Option &option, Family) {
  return isNumberRange(text, option, 0xffffffff);
}
bool isU64Range(llvm::StringRef text, const Option &option, Family) {
  return isNumberRange(text, option, ~uint64_t(0));
}

bool isReal(llvm::StringRef text, const Option &, Family) {
  double value = 0;
  return !text.getAsDouble(value) && value >= 0 && value <= 1;
}

bool isMarkMask(llvm::StringRef text, const Option &, Family) {
  return parseMarkMask(text).has_value();
}

/// The kernel counts queues in 16 bits. Source: net/netfilter/xt_NFQUEUE.c, nfqueue_tg_check().
bool isQueueRange(llvm::StringRef text, const Option &, Family) {
  auto range = parseNumberRange(text, 0xffff);
  return range && text.contains(':') && range->lo < range->hi && range->hi - range->lo < 0xffff;
}

bool isZone(llvm::StringRef text, const Option &, Family) {
  return text.equals_insensitive("mark") || parseNumber(text, 0xffff);
}

/// As `%x:%x` of sscanf(): what follows is not looked at.
bool isClassId(llvm::StringRef text, const Option &, Family) {
  auto takeHex = [&] {
    text.consume_front_insensitive("0x");
    llvm::StringRef digits = text.take_while([](char c) { return llvm::isHexDigit(c); });
    text = text.drop_front(digits.size());
    return !digits.empty();
  };
  return takeHex() && text.consume_front(":") && takeHex();
}

/// What is no number is a name, and what it stands for hangs on the machine.
bool isConnLabel(llvm::StringRef text, const Option &, Family) {
  constexpr unsigned kMost = 127; // XT_CONNLABEL_MAXBIT
  return !text.empty() && (parseNumber(text, kMost) || !parseNumber(text, 0xffffffff));
}

/// Source: libxt_TCPOPTSTRIP.c, parse_list().
bool isTcpOptions(llvm::StringRef text, const Option &, Family) {
  struct {
    llvm::StringLiteral name;
    unsigned number;
  } static constexpr named[] = {{"wscale", 3}, {"mss", 2},       {"sack-permitted", 4},
                                {"sack", 5},   {"timestamp", 8}, {"md5", 19}};
  uint64_t seen[4] = {};
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',');
  for (llvm::StringRef member : members) {
    auto *found = llvm::find_if(named, [&](const auto &entry) { return entry.name == member; });
    auto number = found != std::end(named) ? std::optional<uint64_t>(found->number) : parseNumber(member, 0xff);
    if (!number || *number < 2 || seen[*number / 64] >> *number % 64 & 1)
      return false;
    seen[*number / 64] |= uint64_t(1) << *number % 64;
  }
  return true;
}

bool isHeaderOptions(llvm::StringRef text, const Option &, Family) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',');
  return llvm::all_of(members, [](llvm::StringRef member) {
    auto [number, length] = member.split(':');
    return parseNumber(number, 0xffffffff) && (number == member || parseNumber(length, 0xffffffff));
  });
}

bool isLedDelay(llvm::StringRef text, const Option &, Family) {
  return text.startswith_insensitive("inf") || parseNumber(text, 0xffffffff);
}

} // namespace iptlint::parse
