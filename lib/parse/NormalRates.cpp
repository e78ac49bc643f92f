// Rates and times: hashlimit, rateest, RATEEST, time.
#include "parse/NormalPrinter.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <fmt/format.h>

namespace iptlint::parse::normal {

namespace {
/// A rate of hashlimit as the kernel keeps it: bytes come in steps of 16, packets as a time between two.
/// Source: libxt_hashlimit.c, parse_rate(), parse_bytes(), print_rate(), print_bytes().
struct HashRate {
  bool bytes = false;
  uint64_t average = 0; ///< the kernel's number
  uint32_t seconds = 1; ///< of the unit written
};
} // namespace

constexpr uint64_t kPacketScale = 1000000;
constexpr unsigned kByteShift = 4;

static uint64_t bytesToCost(uint64_t bytes) {
  return 0xffffffffu / (uint32_t(bytes >> kByteShift) + uint64_t(1));
}
static uint64_t costToBytes(uint64_t cost) {
  return (0xffffffffu / cost - 1) << kByteShift;
}

static std::optional<HashRate> parseByteRate(llvm::StringRef text) {
  llvm::StringRef count = text.take_while(llvm::isDigit), unit = text.drop_front(count.size());
  uint64_t bytes = 0;
  if (count.getAsInteger(10, bytes) || bytes == 0)
    return std::nullopt;
  bytes *= unit == "kb/s" ? 1024 : unit == "mb/s" ? 1024 * 1024 : 1;
  if (unit != "b/s" && unit != "kb/s" && unit != "mb/s")
    return std::nullopt;
  uint64_t cost = bytesToCost(bytes);
  return cost == 0 ? std::nullopt : std::optional(HashRate{true, cost, 15});
}

static std::optional<HashRate> parseHashRate(llvm::StringRef text) {
  if (text.endswith("b/s"))
    return parseByteRate(text);
  auto [count, unit] = text.split('/');
  uint64_t rate = 0;
  uint32_t seconds = count == text ? 1 : 0;
  struct {
    llvm::StringLiteral name;
    uint32_t seconds;
  } static constexpr units[] = {{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
  for (const auto &known : units)
    if (!unit.empty() && known.name.startswith_insensitive(unit))
      seconds = known.seconds;
  if (count.getAsInteger(10, rate) || rate == 0 || seconds == 0 || kPacketScale * seconds / rate == 0)
    return std::nullopt;
  return HashRate{false, kPacketScale * seconds / rate, seconds};
}

namespace {
struct Printed {
  std::string text;
  uint64_t expire; ///< in milliseconds, where the rule does not say otherwise
};
} // namespace

static Printed packetRateText(uint64_t period) {
  struct Unit {
    llvm::StringLiteral name;
    uint64_t seconds;
  };
  static constexpr Unit units[] = {{"day", 86400}, {"hour", 3600}, {"min", 60}, {"sec", 1}};
  const Unit *chosen = &units[0];
  for (const Unit &next : llvm::makeArrayRef(units).drop_front()) {
    uint64_t span = next.seconds * kPacketScale;
    if (period > span || span / period < span % period)
      break;
    chosen = &next;
  }
  return {fmt::format("{}/{}", chosen->seconds * kPacketScale / period, chosen->name.str()), chosen->seconds * 1000};
}

static std::string byteUnits(uint64_t bytes, bool (*fits)(uint64_t bytes, uint64_t unit, uint64_t cost),
                             uint64_t cost) {
  for (auto [unit, name] : {std::pair<uint64_t, const char *>{1024 * 1024, "m"}, {1024, "k"}})
    if (bytes >= unit && fits(bytes, unit, cost))
      return fmt::format("{}{}b", bytes / unit, name);
  return fmt::format("{}b", bytes);
}

static std::string byteRateText(uint64_t cost) {
  auto sameCost = [](uint64_t bytes, uint64_t unit, uint64_t cost) { return bytesToCost(bytes & ~(unit - 1)) == cost; };
  return byteUnits(costToBytes(cost), sameCost, cost) + "/s";
}

static std::optional<uint64_t> parseBurst(llvm::StringRef text) {
  llvm::StringRef digits = text.take_while(llvm::isAlnum);
  uint64_t factor = digits.endswith("mb") || digits.endswith("m")   ? 1024 * 1024
                    : digits.endswith("kb") || digits.endswith("k") ? 1024
                                                                    : 1;
  auto count = parseNumber(digits.take_while(llvm::isDigit), ~uint64_t(0));
  return count ? std::optional(*count * factor) : std::nullopt;
}

static bool addPacketRate(Printer &printer, llvm::StringRef name, const HashRate &rate, uint64_t &expire) {
  uint64_t average = printer.has("hashlimit-rate-match") ? rate.average / rate.seconds : rate.average;
  auto burst = parseBurst(printer.value("hashlimit-burst", "5"));
  if (!burst || average == 0)
    return false;
  Printed printed = packetRateText(average);
  expire = printed.expire;
  printer.add(name, printed.text);
  printer.add("hashlimit-burst", fmt::format("{}", *burst));
  return true;
}

static bool addByteRate(Printer &printer, llvm::StringRef name, const HashRate &rate, uint64_t &expire) {
  constexpr uint64_t kExpire = 15000, kExpireWithBurst = 60000;
  printer.add(name, byteRateText(rate.average));
  expire = kExpire;
  if (!printer.has("hashlimit-burst"))
    return true;
  uint64_t step = costToBytes(rate.average);
  auto burst = parseBurst(printer.value("hashlimit-burst"));
  if (!burst || step == 0)
    return false;
  // The program divides twice, the second time the quotient.
  uint64_t count = *burst / step + ((*burst % step) != 0);
  auto always = [](uint64_t, uint64_t, uint64_t) { return true; };
  printer.add("hashlimit-burst", byteUnits(step * count, always, 0));
  expire = kExpireWithBurst;
  return true;
}

static bool addHashModes(Printer &printer) {
  llvm::SmallVector<llvm::StringRef, 4> members;
  printer.value("hashlimit-mode").split(members, ',', -1, /*KeepEmpty=*/false);
  std::string modes;
  for (llvm::StringRef mode : {"srcip", "srcport", "dstip", "dstport"})
    if (llvm::is_contained(members, mode))
      modes += (modes.empty() ? "" : ",") + mode.str();
  if (!modes.empty())
    printer.add("hashlimit-mode", modes);
  return true;
}

/// An option with a number, but where it is \p usual.
static bool addUnless(Printer &printer, llvm::StringRef name, uint64_t usual, Form form = decimal) {
  const Use *use = printer.find(name);
  if (!use)
    return true;
  Text value = printer.text(*use, form);
  if (value && *value != fmt::format("{}", usual))
    printer.add(name, *value);
  return value.has_value();
}

static bool addHashTable(Printer &printer, const HashRate &rate, uint64_t expire) {
  constexpr uint64_t kGcInterval = 1000;
  if (!addUnless(printer, "hashlimit-htable-size", 0) || !addUnless(printer, "hashlimit-htable-max", 0) ||
      !addUnless(printer, "hashlimit-htable-gcinterval", kGcInterval))
    return false;
  if (printer.has("hashlimit-htable-expire"))
    return addUnless(printer, "hashlimit-htable-expire", expire);
  uint64_t set = rate.bytes ? expire : rate.seconds * 1000;
  if (set != expire)
    printer.add("hashlimit-htable-expire", fmt::format("{}", set));
  return true;
}

static bool addHashInterval(Printer &printer, const HashRate &rate) {
  if (!printer.has("hashlimit-rate-match"))
    return true;
  printer.add("hashlimit-rate-match");
  uint64_t usual = rate.bytes ? 1 : rate.seconds;
  auto interval = parseNumber(printer.value("hashlimit-rate-interval", fmt::format("{}", usual)), 0xffffffff);
  if (interval && *interval != 1)
    printer.add("hashlimit-rate-interval", fmt::format("{}", *interval));
  return interval.has_value();
}

bool printHashlimit(Printer &printer) {
  bool above = printer.has("hashlimit-above");
  const Use *use = printer.find(above ? "hashlimit-above" : "hashlimit-upto");
  auto rate = use ? parseHashRate(printer.value(above ? "hashlimit-above" : "hashlimit-upto")) : std::nullopt;
  if (!rate)
    return false;
  llvm::StringRef name = above != use->negated ? "hashlimit-above" : "hashlimit-upto";
  uint64_t expire = 0;
  if (!(rate->bytes ? addByteRate : addPacketRate)(printer, name, *rate, expire) || !addHashModes(printer))
    return false;
  printer.add("hashlimit-name", printer.value("hashlimit-name"));
  uint64_t width = packet::bits(packet::Field::Src, printer.familyOf());
  return addHashTable(printer, *rate, expire) && addUnless(printer, "hashlimit-srcmask", width, prefixLength) &&
         addUnless(printer, "hashlimit-dstmask", width, prefixLength) && addHashInterval(printer, *rate);
}

/// `8mbit`, `1KBps`, or a number of bits: as the bytes that the kernel compares, and those in turn as bits.
static Text bitRate(llvm::StringRef text) {
  struct {
    llvm::StringLiteral name;
    double bits;
  } static constexpr units[] = {{"bit", 1},
                                {"kibit", 1024.},
                                {"kbit", 1e3},
                                {"mibit", 1048576.},
                                {"mbit", 1e6},
                                {"gibit", 1073741824.},
                                {"gbit", 1e9},
                                {"bps", 8},
                                {"kibps", 8192.},
                                {"kbps", 8e3},
                                {"mibps", 8388608.},
                                {"mbps", 8e6},
                                {"gibps", 8589934592.},
                                {"gbps", 8e9},
                                {"", 1}};
  llvm::StringRef number = text.take_while([](char c) { return llvm::isDigit(c) || c == '.'; });
  double count = 0;
  auto unit = llvm::find_if(
      units, [&](const auto &known) { return known.name.equals_insensitive(text.drop_front(number.size())); });
  if (number.empty() || number.getAsDouble(count) || unit == std::end(units))
    return std::nullopt;
  double bits = double(uint32_t(count * unit->bits / 8)) * 8;
  if (bits >= 1e9)
    return fmt::format("{:.0f}Mbit", bits / 1e6);
  return bits >= 1e6 ? fmt::format("{:.0f}Kbit", bits / 1e3) : fmt::format("{:.0f}bit", bits);
}

namespace {
/// The options of rateest for bytes, or for packets.
struct RateNames {
  llvm::StringLiteral first, second, only;
};
} // namespace

static bool addRate(Printer &printer, llvm::StringRef printed, llvm::StringRef value, bool bits) {
  Text rate = "0";
  if (bits)
    rate = bitRate(value.empty() ? "0" : value);
  else if (auto count = parseNumber(value.empty() ? "0" : value, 0xffffffff))
    rate = fmt::format("{}", *count);
  else
    rate.reset();
  if (rate)
    printer.add(printed, *rate);
  return rate.has_value();
}

static bool addComparison(Printer &printer) {
  for (llvm::StringRef name : {"rateest-eq", "rateest-lt", "rateest-gt"})
    if (printer.has(name)) {
      printer.add(name, "", printer.negated(name));
      return true;
    }
  return false;
}

static bool addRates(Printer &printer, const RateNames &names, bool bits, bool relative) {
  llvm::StringRef second = printer.value(names.second, printer.value(names.only));
  if (printer.has("rateest-delta"))
    return addRate(printer, names.first, printer.value(names.first), bits) && addComparison(printer) &&
           addRate(printer, names.second, second, bits);
  if (!addComparison(printer))
    return false;
  if (!relative)
    return addRate(printer, names.only, second, bits);
  printer.add(names.only);
  return true;
}

bool printRateest(Printer &printer) {
  static constexpr RateNames bytes = {"rateest-bps1", "rateest-bps2", "rateest-bps"};
  static constexpr RateNames packets = {"rateest-pps1", "rateest-pps2", "rateest-pps"};
  bool relative = printer.has("rateest2");
  if (printer.has("rateest-delta"))
    printer.add("rateest-delta");
  printer.add(relative ? "rateest1" : "rateest", printer.value("rateest1", printer.value("rateest")));
  auto any = [&](const RateNames &names) {
    return printer.has(names.first) || printer.has(names.second) || printer.has(names.only);
  };
  if (any(bytes) && !addRates(printer, bytes, /*bits=*/true, relative))
    return false;
  if (any(packets) && !addRates(printer, packets, /*bits=*/false, relative))
    return false;
  if (relative)
    printer.add("rateest2", printer.value("rateest2"));
  return true;
}

/// Microseconds: `250ms`, `1s`, `10us`; a plain number is microseconds.
static std::optional<uint32_t> parseMicroseconds(llvm::StringRef text) {
  llvm::StringRef number = text.take_while([](char c) { return llvm::isDigit(c) || c == '.'; });
  std::string unit = text.drop_front(number.size()).lower();
  double count = 0;
  if (number.empty() || number.getAsDouble(count))
    return std::nullopt;
  if (unit == "s" || unit == "sec" || unit == "secs")
    count *= 1e6;
  else if (unit == "ms" || unit == "msec" || unit == "msecs")
    count *= 1e3;
  else if (!unit.empty() && unit != "us" && unit != "usec" && unit != "usecs")
    return std::nullopt;
  return uint32_t(count);
}

static std::string microsecondsText(uint32_t time) {
  if (time >= 1000000)
    return fmt::format("{:.1f}s", time / 1e6);
  return time >= 1000 ? fmt::format("{:.1f}ms", time / 1e3) : fmt::format("{}us", time);
}

/// The kernel keeps both times as powers of two. Source: libxt_RATEEST.c, RATEEST_final_check().
bool printRateestTarget(Printer &printer) {
  constexpr uint32_t kQuarter = 250000;
  auto interval = parseMicroseconds(printer.value("rateest-interval"));
  auto average = parseMicroseconds(printer.value("rateest-ewmalog"));
  if (!interval || !average)
    return false;
  unsigned power = 0, log = 1;
  while (power <= 5 && *interval > (1u << power) * kQuarter)
    ++power;
  while (log < 32 && *interval / -std::log(1.0 - 1.0 / double(1u << log)) <= *average)
    ++log;
  if (power > 5 || log == 1 || log == 32)
    return false;
  printer.add("rateest-name", printer.value("rateest-name"));
  printer.add("rateest-interval", microsecondsText(kQuarter << power));
  printer.add("rateest-ewmalog", microsecondsText((kQuarter << power) << (log - 1)));
  return true;
}

} // namespace iptlint::parse::normal
