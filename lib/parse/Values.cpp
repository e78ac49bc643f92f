#include "parse/Values.h"
#include "parse/SystemNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using packet::Family;
using packet::Value;

std::optional<uint64_t> parseNumber(llvm::StringRef text, uint64_t max) {
  unsigned radix = 10;
  if (text.consume_front("0x") || text.consume_front("0X"))
    radix = 16;
  else if (text.size() > 1 && text[0] == '0')
    radix = 8;
  uint64_t value = 0;
  if (text.empty() || !llvm::isHexDigit(text[0]) || text.getAsInteger(radix, value) || value > max)
    return std::nullopt;
  return value;
}

std::optional<ir::Interval> parseNumberRange(llvm::StringRef text, uint64_t max) {
  auto [first, last] = text.split(':');
  bool range = first != text;
  auto lo = range && first.empty() ? 0 : parseNumber(first, max);
  auto hi = !range ? lo : last.empty() ? max : parseNumber(last, max);
  if (!lo || !hi)
    return std::nullopt;
  return ir::Interval{*lo, *hi};
}

bool isHostName(llvm::StringRef text) {
  return llvm::any_of(text, [](char c) { return llvm::isAlpha(c); }) &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '.' || c == '-' || c == '_'; });
}

bool isTableName(llvm::StringRef text) { return !text.empty() && llvm::isAlpha(text[0]); }

std::optional<uint16_t> parsePort(llvm::StringRef text, const NameTable *services) {
  if (auto number = parseNumber(text, 0xffff))
    return uint16_t(*number);
  return findService(text, services);
}

std::optional<uint16_t> parseServicePort(llvm::StringRef text) {
  uint16_t number = 0;
  if (!text.empty() && llvm::isDigit(text[0]))
    return text.getAsInteger(10, number) ? std::nullopt : std::optional(number);
  return parsePort(text);
}

static std::optional<ir::Interval> parseRange(llvm::StringRef text,
                                              llvm::function_ref<std::optional<uint16_t>(llvm::StringRef)> parse) {
  auto [first, last] = text.split(':');
  auto lo = first.empty() && text != first ? 0 : parse(first);
  auto hi = text == first ? lo : last.empty() ? 0xffff : parse(last);
  if (!lo || !hi)
    return std::nullopt;
  return ir::Interval{*lo, *hi};
}

std::optional<ir::Interval> parsePortRange(llvm::StringRef text) {
  return parseRange(text, [](llvm::StringRef end) { return parsePort(end); });
}
std::optional<ir::Interval> parseServicePortRange(llvm::StringRef text) {
  return parseRange(text, parseServicePort);
}

std::optional<unsigned> parseProtocol(llvm::StringRef text, const NameTable *protocols) {
  if (auto number = parseNumber(text, 255))
    return unsigned(*number);
  return findProtocol(text.lower(), protocols);
}

static constexpr IcmpType kIcmp4[] = {
#define ICMP4(Name, Type, First, Last) {Name, Type, First, Last},
#include "parse/Names.def"
};
static constexpr IcmpType kIcmp6[] = {
#define ICMP6(Name, Type, First, Last) {Name, Type, First, Last},
#include "parse/Names.def"
};

std::optional<IcmpType> parseIcmpType(llvm::StringRef text, Family family) {
  auto names = family == Family::IPv4 ? llvm::makeArrayRef(kIcmp4) : llvm::makeArrayRef(kIcmp6);
  const IcmpType *found = nullptr;
  for (const IcmpType &entry : names)
    if (entry.name.startswith_insensitive(text)) {
      if (found)
        return std::nullopt;
      found = &entry;
    }
  if (found)
    return *found;
  auto [first, second] = text.split('/');
  auto type = parseNumber(first, 255), code = parseNumber(second, 255);
  if (!type || (first != text && !code))
    return std::nullopt;
  return IcmpType{"", uint8_t(*type), uint8_t(code.value_or(0)), uint8_t(code.value_or(255))};
}

std::optional<uint8_t> parseMhType(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[][2] = {{"binding-refresh-request", "brr"},
                                                     {"home-test-init", "hoti"},
                                                     {"careof-test-init", "coti"},
                                                     {"home-test", "hot"},
                                                     {"careof-test", "cot"},
                                                     {"binding-update", "bu"},
                                                     {"binding-acknowledgement", "ba"},
                                                     {"binding-error", "be"}};
  if (auto number = parseNumber(text, 255))
    return uint8_t(*number);
  std::optional<uint8_t> begun;
  for (uint8_t type = 0; type != std::size(names); ++type)
    for (llvm::StringRef name : names[type]) {
      if (name.equals_insensitive(text))
        return type;
      if (!begun && !text.empty() && name.startswith_insensitive(text))
        begun = type;
    }
  return begun;
}

std::optional<MarkMask> parseMarkMask(llvm::StringRef text) {
  auto [first, second] = text.split('/');
  auto value = parseNumber(first, 0xffffffff);
  auto mask = text == first ? 0xffffffff : parseNumber(second, 0xffffffff);
  if (!value || !mask)
    return std::nullopt;
  return MarkMask{uint32_t(*value), uint32_t(*mask)};
}

std::optional<Value> parseMac(llvm::StringRef text) {
  Value mac = 0;
  for (unsigned i = 0; i != 6; ++i) {
    auto [part, rest] = text.split(':');
    unsigned byte = 0;
    if (part.empty() || part.size() > 2 || part.getAsInteger(16, byte) || (part == text) != (i == 5))
      return std::nullopt;
    mac = mac << 8 | byte;
    text = rest;
  }
  return mac;
}

/// One to four numbers with dots; what is missing is 0 at the end.
static std::optional<Value> parseShortAddress(llvm::StringRef text) {
  Value address = 0;
  llvm::SmallVector<llvm::StringRef, 4> parts;
  text.split(parts, '.');
  if (parts.size() > 4)
    return std::nullopt;
  for (size_t i = 0; i != 4; ++i) {
    auto number = i < parts.size() ? parseNumber(parts[i], 255) : 0;
    if (!number)
      return std::nullopt;
    address = address << 8 | *number;
  }
  return address;
}

static std::optional<Value> parseAddress(llvm::StringRef text, Family family) {
  Value address = 0;
  if (packet::parseAddress(text, family, address))
    return address;
  return family == Family::IPv4 ? parseShortAddress(text) : std::nullopt;
}

static std::optional<Value> parseMask(llvm::StringRef text, Family family) {
  unsigned width = packet::bits(packet::Field::Src, family);
  Value all = packet::maxValue(packet::Field::Src, family), mask = 0;
  unsigned length = 0;
  if (!text.getAsInteger(10, length))
    return length > width ? std::optional<Value>() : length == 0 ? Value(0) : all << (width - length) & all;
  if (packet::parseAddress(text, family, mask))
    return mask;
  return std::nullopt;
}

std::optional<AddressBlock> parseAddressBlock(llvm::StringRef text, Family family) {
  auto [first, second] = text.split('/');
  auto mask = text == first ? packet::maxValue(packet::Field::Src, family) : parseMask(second, family);
  if (!mask)
    return std::nullopt;
  if (*mask == 0) // iptables does not look at the address then
    return AddressBlock{};
  auto address = parseAddress(first, family);
  if (!address)
    return std::nullopt;
  return AddressBlock{*address & *mask, *mask};
}

std::optional<llvm::SmallVector<ir::Interval, 1>> rangesOf(AddressBlock block, Family family, unsigned most) {
  Value holes = ~block.mask & packet::maxValue(packet::Field::Src, family);
  Value low = holes & ~(holes + 1) & ((holes ^ (holes + 1)) >> 1); // the run of holes at the lower end
  Value scattered = holes & ~low;
  llvm::SmallVector<ir::Interval, 1> ranges;
  for (Value subset = 0;; subset = (subset - scattered) & scattered) {
    if (ranges.size() == most)
      return std::nullopt;
    ranges.push_back({block.address | subset, block.address | subset | low});
    if (subset == scattered)
      return ranges;
  }
}

void normalise(llvm::SmallVectorImpl<ir::Interval> &ranges) {
  llvm::sort(ranges, [](const ir::Interval &left, const ir::Interval &right) { return left.lo < right.lo; });
  size_t kept = 0;
  for (size_t i = 1; i < ranges.size(); ++i) {
    ir::Interval &last = ranges[kept];
    if (ranges[i].lo <= last.hi || ranges[i].lo - last.hi == 1)
      last.hi = std::max(last.hi, ranges[i].hi);
    else
      ranges[++kept] = ranges[i];
  }
  if (!ranges.empty())
    ranges.truncate(kept + 1);
}

llvm::StringRef unquoted(llvm::StringRef word, llvm::BumpPtrAllocator &memory) {
  size_t open = word.find('"');
  if (open == llvm::StringRef::npos)
    return word;
  llvm::StringRef inner = word.slice(open + 1, word.size() - 1);
  if (open == 0 && !inner.contains('\\'))
    return inner;
  llvm::SmallString<64> text = word.take_front(open);
  for (size_t i = 0; i < inner.size(); ++i)
    text += inner[i] == '\\' ? inner[++i] : inner[i];
  return text.str().copy(memory);
}

} // namespace iptlint::parse
