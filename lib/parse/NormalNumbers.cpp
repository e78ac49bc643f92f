// Numbers, ports, marks and the like as iptables-save writes them.
#include "parse/NormalForms.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse::normal {

static std::optional<uint64_t> number(const Input &input, uint64_t max = ~uint64_t(0)) {
  return parseNumber(input.first(), max);
}

static Text formatted(std::optional<uint64_t> value, const char *format) {
  if (!value)
    return std::nullopt;
  return fmt::format(fmt::runtime(format), *value);
}

Text decimal(const Input &input) {
  return formatted(number(input), "{}");
}
Text hex(const Input &input) {
  return formatted(number(input), "0x{:x}");
}
Text hex2(const Input &input) {
  return formatted(number(input), "0x{:02x}");
}
Text hex8(const Input &input) {
  return formatted(number(input), "0x{:08x}");
}

static std::string rangeText(uint64_t lo, uint64_t hi) {
  return lo == hi ? fmt::format("{}", lo) : fmt::format("{}:{}", lo, hi);
}

static Text range(const Input &input, uint64_t max) {
  llvm::StringRef written = input.first();
  auto [first, last] = written.split(':');
  auto lo = first.empty() ? 0 : parseNumber(first, max);
  auto hi = first == written ? lo : last.empty() ? max : parseNumber(last, max);
  if (!lo || !hi)
    return std::nullopt;
  return rangeText(*lo, *hi);
}

Text range16(const Input &input) {
  return range(input, 0xffff);
}
Text range32(const Input &input) {
  return range(input, 0xffffffff);
}

Text connbytes(const Input &input) {
  auto [first, last] = input.first().split(':');
  auto lo = first.empty() ? 0 : parseNumber(first, ~uint64_t(0));
  if (!lo)
    return std::nullopt;
  if (last.empty())
    return fmt::format("{}", *lo);
  auto hi = parseNumber(last, ~uint64_t(0));
  if (!hi)
    return std::nullopt;
  return *hi == 0 || *hi == ~uint64_t(0) ? fmt::format("{}", *lo) : fmt::format("{}:{}", *lo, *hi);
}

Text nodeMask(const Input &input) {
  auto node = number(input, 32);
  if (!node || *node == 0)
    return std::nullopt;
  return fmt::format("0x{:08x}", uint32_t(1) << (*node - 1));
}

Text protocolNumber(const Input &input) {
  auto protocol = parseProtocol(input.first());
  return protocol ? Text(fmt::format("{}", *protocol)) : std::nullopt;
}

std::string protocolName(unsigned number) {
  struct {
    llvm::StringLiteral name;
    uint16_t number;
  } static constexpr protocols[] = {
#define PROTOCOL(Name, Number) {Name, Number},
#include "parse/Names.def"
  };
  // Where /etc/protocols has several names for a number, or iptables one of its own.
  switch (number) {
  case 4:
    return "ipencap";
  case packet::kIcmpv6:
    return "ipv6-icmp";
  case 73:
    return "rspf";
  case 135:
    return "mobility-header";
  }
  for (const auto &entry : protocols)
    if (entry.number == number)
      return entry.name.str();
  return fmt::format("{}", number);
}

Text namedProtocol(const Input &input) {
  auto protocol = parseProtocol(input.first());
  return protocol ? Text(protocolName(*protocol)) : std::nullopt;
}

/// `1:a`, both hexadecimal.
Text trafficClass(const Input &input) {
  auto [first, second] = input.first().split(':');
  unsigned major = 0, minor = 0;
  if (first.getAsInteger(16, major) || second.getAsInteger(16, minor) || major > 0xffff || minor > 0xffff)
    return std::nullopt;
  return fmt::format("{:04x}:{:04x}", major, minor);
}

/// The kernel keeps the time between two packets in units of 100 microseconds, which leaves little of an odd rate.
/// Source: libxt_limit.c, parse_rate() and print_rate().
Text limitRate(const Input &input) {
  constexpr uint32_t kScale = 10000;
  struct Unit {
    llvm::StringLiteral written, printed;
    uint32_t seconds;
  };
  static constexpr Unit units[] = {
      {"day", "day", 86400}, {"hour", "hour", 3600}, {"minute", "min", 60}, {"second", "sec", 1}};
  llvm::StringRef written = input.first();
  auto [count, unit] = written.split('/');
  uint32_t seconds = count == written ? 1 : 0;
  for (const Unit &known : units)
    if (!unit.empty() && known.written.startswith_insensitive(unit))
      seconds = known.seconds;
  unsigned rate = 0;
  if (count.getAsInteger(10, rate) || rate == 0 || seconds == 0)
    return std::nullopt;
  uint32_t period = kScale * seconds / rate;
  if (period == 0)
    return std::nullopt;
  const Unit *chosen = &units[0];
  for (const Unit &next : llvm::makeArrayRef(units).drop_front()) {
    uint32_t span = next.seconds * kScale;
    if (period > span || span / period < span % period)
      break;
    chosen = &next;
  }
  return fmt::format("{}/{}", chosen->seconds * kScale / period, chosen->printed.str());
}

namespace {
/// The tests of `--u32` while they are read and written again.
class U32Reader {
public:
  explicit U32Reader(llvm::StringRef text) : rest(text.ltrim()) {}

  Text read() {
    std::string out = "\"";
    for (bool more = true; more;) {
      if (!readLocation(out) || !readRanges(out))
        return std::nullopt;
      more = take("&&");
      if (more)
        out += "&&";
    }
    return rest.empty() ? Text(out + "\"") : std::nullopt;
  }

private:
  bool take(llvm::StringRef token) {
    bool taken = rest.consume_front(token);
    rest = rest.ltrim();
    return taken;
  }

  bool readNumber(std::string &out) {
    llvm::StringRef digits = rest.take_while(llvm::isAlnum);
    auto value = parseNumber(digits, 0xffffffff);
    if (!value)
      return false;
    out += fmt::format("0x{:x}", *value);
    rest = rest.drop_front(digits.size()).ltrim();
    return true;
  }

  bool readLocation(std::string &out) {
    if (!readNumber(out))
      return false;
    while (!take("=")) {
      llvm::StringRef found;
      for (llvm::StringRef sign : {"&", "<<", ">>", "@"})
        if (rest.startswith(sign))
          found = sign;
      if (found.empty() || !take(found))
        return false;
      out += found;
      if (!readNumber(out))
        return false;
    }
    out += '=';
    return true;
  }

  bool readRanges(std::string &out) {
    for (bool more = true; more;) {
      std::string lo, hi;
      if (!readNumber(lo))
        return false;
      if (take(":") && !readNumber(hi))
        return false;
      out += hi.empty() || hi == lo ? lo : lo + ":" + hi;
      more = take(",");
      if (more)
        out += ',';
    }
    return true;
  }

  llvm::StringRef rest;
};
} // namespace

Text u32(const Input &input) {
  return U32Reader(input.first()).read();
}

Text portRange(const Input &input) {
  auto ports = parsePortRange(input.first());
  if (!ports)
    return std::nullopt;
  return rangeText(uint64_t(ports->lo), uint64_t(ports->hi));
}

Text portList(const Input &input) {
  llvm::SmallVector<llvm::StringRef, 15> members;
  input.first().split(members, ',');
  std::string out;
  for (llvm::StringRef member : members) {
    auto [first, last] = member.split(':');
    auto lo = parsePort(first), hi = first == member ? lo : parsePort(last);
    if (!lo || !hi)
      return std::nullopt;
    out += out.empty() ? "" : ",";
    out += first == member ? fmt::format("{}", *lo) : fmt::format("{}:{}", *lo, *hi);
  }
  return out;
}

/// `port`, `port-port`, `port-port/first`
Text natPorts(const Input &input) {
  auto [ports, base] = input.first().split('/');
  auto [first, last] = ports.split('-');
  auto lo = parsePort(first), hi = last.empty() ? lo : parsePort(last);
  if (!lo && (lo = hi = parsePort(ports))) // a service with a dash in its name
    last = "";
  auto start = base.empty() ? lo : parsePort(base);
  if (!lo || !hi || !start)
    return std::nullopt;
  std::string out = *lo == *hi ? fmt::format("{}", *lo) : fmt::format("{}-{}", *lo, *hi);
  return base.empty() ? out : fmt::format("{}/{}", out, *start);
}

static Text markText(const Input &input, uint32_t (*value)(MarkMask), uint32_t (*mask)(MarkMask)) {
  auto mark = parseMarkMask(input.first());
  if (!mark)
    return std::nullopt;
  return fmt::format("0x{:x}/0x{:x}", value(*mark), mask(*mark));
}

static uint32_t given(MarkMask mark) {
  return mark.value;
}
static uint32_t none(MarkMask) {
  return 0;
}

Text xmark(const Input &input) {
  return markText(input, given, [](MarkMask mark) { return mark.mask; });
}
Text setMark(const Input &input) {
  return markText(input, given, [](MarkMask mark) { return mark.value | mark.mask; });
}
Text andMark(const Input &input) {
  return markText(input, none, [](MarkMask mark) { return ~mark.value; });
}
Text orMark(const Input &input) {
  return markText(input, given, given);
}
Text xorMark(const Input &input) {
  return markText(input, given, none);
}

Text valueMask(const Input &input) {
  auto mark = parseMarkMask(input.first());
  if (!mark)
    return std::nullopt;
  return mark->mask == 0xffffffff ? fmt::format("0x{:x}", mark->value)
                                  : fmt::format("0x{:x}/0x{:x}", mark->value, mark->mask);
}

static std::string tosText(unsigned value, unsigned mask) {
  return fmt::format("0x{:02x}/0x{:02x}", value, mask);
}

Text tos(const Input &input) {
  struct {
    llvm::StringLiteral name;
    unsigned value;
  } static constexpr names[] = {{"Minimize-Delay", 16},
                                {"Maximize-Throughput", 8},
                                {"Maximize-Reliability", 4},
                                {"Minimize-Cost", 2},
                                {"Normal-Service", 0}};
  constexpr unsigned kNamedBits = 0x3f;
  llvm::StringRef written = input.first();
  for (const auto &entry : names)
    if (entry.name.equals_insensitive(written))
      return tosText(entry.value, kNamedBits);
  auto [first, second] = written.split('/');
  auto value = parseNumber(first, 0xff), mask = first == written ? 0xff : parseNumber(second, 0xff);
  return value && mask ? Text(tosText(unsigned(*value), unsigned(*mask))) : std::nullopt;
}

static Text tosOf(const Input &input, unsigned keptOfValue, unsigned flippedOfMask, unsigned keptOfMask) {
  auto value = number(input, 0xff);
  if (!value)
    return std::nullopt;
  return tosText(unsigned(*value) & keptOfValue, (unsigned(*value) ^ flippedOfMask) & keptOfMask);
}

Text andTos(const Input &input) {
  return tosOf(input, 0, 0xff, 0xff);
}
Text orTos(const Input &input) {
  return tosOf(input, 0xff, 0, 0xff);
}
Text xorTos(const Input &input) {
  return tosOf(input, 0xff, 0, 0);
}

} // namespace iptlint::parse::normal
