// Values that are dates, times and rates.
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using packet::Family;

/// Takes digits off the front, as strtoul() does; 0 where there are none.
static uint64_t takeDecimal(llvm::StringRef &text) {
  uint64_t number = 0;
  llvm::StringRef digits = text.take_while([](char c) { return llvm::isDigit(c); });
  text = text.drop_front(digits.size());
  return digits.empty() || !digits.getAsInteger(10, number) ? number : ~uint64_t(0);
}

/// Year, month, day, hour, minute, second; any may be the last. Source: libxt_time.c, time_parse_date().
bool isDate(llvm::StringRef text, const Option &, Family) {
  struct {
    char before;
    unsigned least, most;
  } static constexpr parts[] = {{0, 1970, 2038}, {'-', 0, 12}, {'-', 0, 31}, {'T', 0, 23}, {':', 0, 59}, {':', 0, 59}};
  for (const auto &part : parts) {
    if (part.before && !text.consume_front(llvm::StringRef(&part.before, 1)))
      return false;
    uint64_t number = takeDecimal(text);
    if (number < part.least || number > part.most)
      return false;
    if (text.empty())
      return true;
  }
  return false;
}

std::optional<unsigned> parseClock(llvm::StringRef text) {
  uint64_t parts[3] = {};
  static constexpr unsigned most[] = {23, 59, 59};
  for (unsigned i = 0; i != 3; ++i) {
    parts[i] = takeDecimal(text);
    if (parts[i] > most[i])
      return std::nullopt;
    if (text.empty() && i != 0)
      return unsigned(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    if (!text.consume_front(":"))
      return std::nullopt;
  }
  return std::nullopt;
}

bool isClock(llvm::StringRef text, const Option &, Family) {
  return parseClock(text).has_value();
}

/// Of each member iptables reads three letters and looks at two. Source: libxt_time.c, time_parse_weekdays().
bool isWeekdays(llvm::StringRef text, const Option &, Family) {
  static constexpr llvm::StringLiteral days[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',', -1, /*KeepEmpty=*/false);
  return llvm::all_of(members, [](llvm::StringRef member) {
    auto number = parseNumber(member.take_front(3), 0xffffffff);
    return number ? *number != 0 : llvm::is_contained(days, member.take_front(2));
  });
}

bool isMonthdays(llvm::StringRef text, const Option &, Family) {
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',', -1, /*KeepEmpty=*/false);
  return llvm::all_of(members, [](llvm::StringRef member) { return parseNumber(member, 31).has_value(); });
}

/// The seconds of a unit, any beginning of whose name will do; 0 where it is none.
static unsigned secondsOf(llvm::StringRef unit) {
  static constexpr std::pair<llvm::StringLiteral, unsigned> units[] = {
      {"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};
  for (auto [name, seconds] : units)
    if (!unit.empty() && name.startswith_insensitive(unit))
      return seconds;
  return 0;
}

/// `3`, `3/s`, `3/second`.
bool isRate(llvm::StringRef text, const Option &, Family) {
  constexpr unsigned kMostPerSecond = 10000;
  auto [count, unit] = text.split('/');
  auto number = parseNumber(count, 0xffffffff);
  if (!number || *number == 0)
    return false;
  unsigned seconds = count == text ? 0 : secondsOf(unit);
  return count == text || (seconds != 0 && (*number <= kMostPerSecond || seconds != 1));
}

std::optional<uint64_t> parseByteRate(llvm::StringRef text) {
  size_t unit = text.find("b/s");
  if (unit == llvm::StringRef::npos || unit == 0)
    return std::nullopt;
  uint64_t factor = text[unit - 1] == 'm' ? 1 << 20 : text[unit - 1] == 'k' ? 1 << 10 : 1;
  uint64_t number = takeDecimal(text);
  return number ? std::optional(number * factor) : std::nullopt;
}

/// Source: libxt_hashlimit.c, parse_bytes() and parse_rate().
bool isHashRate(llvm::StringRef text, const Option &, Family) {
  constexpr uint64_t kMostPerSecond = 1000000, kMostBytes = uint64_t(0xfffffffe) << 4;
  if (auto bytes = parseByteRate(text))
    return *bytes <= kMostBytes;
  auto [count, unit] = text.split('/');
  unsigned seconds = count == text ? 1 : secondsOf(unit);
  uint64_t number = takeDecimal(count);
  return number != 0 && number <= kMostPerSecond * seconds;
}

std::optional<uint64_t> parseBurst(llvm::StringRef text) {
  constexpr uint64_t kMost = 1000000;
  if (text.empty() || !llvm::isDigit(text[0]))
    return std::nullopt;
  uint64_t number = takeDecimal(text);
  if (number == 0 || (text.empty() && number > kMost))
    return std::nullopt;
  return text.startswith("m") ? number << 20 : text.startswith("k") ? number << 10 : number;
}

bool isHashBurst(llvm::StringRef text, const Option &, Family) {
  return parseBurst(text).has_value();
}

/// Splits what begins with a number with a decimal point from the unit behind it.
static std::optional<std::pair<double, llvm::StringRef>> splitReal(llvm::StringRef text) {
  size_t end = text.find_first_not_of("0123456789.");
  double number = 0;
  if (end == 0 || text.take_front(end).getAsDouble(number))
    return std::nullopt;
  return std::pair(number, end == llvm::StringRef::npos ? llvm::StringRef() : text.drop_front(end));
}

static bool isUnit(llvm::StringRef unit, llvm::ArrayRef<llvm::StringLiteral> units) {
  return llvm::any_of(units, [&](llvm::StringRef known) { return known.equals_insensitive(unit); });
}

bool isBitRate(llvm::StringRef text, const Option &, Family) {
  static constexpr llvm::StringLiteral units[] = {"",     "bit",   "kibit", "kbit",  "mibit", "mbit", "gibit",
                                                  "gbit", "tibit", "tbit",  "bps",   "kibps", "kbps", "mibps",
                                                  "mbps", "gibps", "gbps",  "tibps", "tbps"};
  auto rate = splitReal(text);
  return rate && isUnit(rate->second, units);
}

bool isPacketRate(llvm::StringRef text, const Option &, Family) {
  return parseNumber(text, 0xffffffff).has_value();
}

std::optional<uint64_t> parsePeriod(llvm::StringRef text) {
  auto time = splitReal(text);
  if (!time)
    return std::nullopt;
  static constexpr llvm::StringLiteral seconds[] = {"s", "sec", "secs"}, milliseconds[] = {"ms", "msec", "msecs"},
                                       microseconds[] = {"", "us", "usec", "usecs"};
  if (isUnit(time->second, seconds))
    return uint64_t(time->first * 1e6);
  if (isUnit(time->second, milliseconds))
    return uint64_t(time->first * 1e3);
  if (isUnit(time->second, microseconds))
    return uint64_t(time->first);
  return std::nullopt;
}

bool isPeriod(llvm::StringRef text, const Option &, Family) {
  return parsePeriod(text).has_value();
}

} // namespace iptlint::parse
