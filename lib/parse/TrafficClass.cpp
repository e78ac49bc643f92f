#include "parse/TrafficClass.h"

namespace iptlint::parse {

namespace {
struct NamedValue {
  llvm::StringLiteral name;
  uint8_t value;
};
} // namespace

/// Any case, no abbreviations. Names mean the six bits that were the type of service.
static std::optional<MarkMask> tosNamed(llvm::StringRef name) {
  static constexpr NamedValue names[] = {{"Minimize-Delay", 0x10},
                                         {"Maximize-Throughput", 0x08},
                                         {"Maximize-Reliability", 0x04},
                                         {"Minimize-Cost", 0x02},
                                         {"Normal-Service", 0x00}};
  for (const NamedValue &entry : names)
    if (entry.name.equals_insensitive(name))
      return MarkMask{entry.value, 0x3f};
  return std::nullopt;
}

std::optional<MarkMask> parseTos(llvm::StringRef text) {
  constexpr unsigned kByte = 0xff;
  if (auto named = tosNamed(text))
    return named;
  auto tos = parseMarkMask(text);
  if (tos && !text.contains('/'))
    tos->mask = kByte;
  return tos && tos->value <= kByte && tos->mask <= kByte ? tos : std::nullopt;
}

std::optional<uint64_t> parseDscpClass(llvm::StringRef text) {
  static constexpr NamedValue names[] = {{"CS0", 0x00},  {"CS1", 0x08},  {"CS2", 0x10},  {"CS3", 0x18},  {"CS4", 0x20},
                                         {"CS5", 0x28},  {"CS6", 0x30},  {"CS7", 0x38},  {"BE", 0x00},   {"AF11", 0x0a},
                                         {"AF12", 0x0c}, {"AF13", 0x0e}, {"AF21", 0x12}, {"AF22", 0x14}, {"AF23", 0x16},
                                         {"AF31", 0x1a}, {"AF32", 0x1c}, {"AF33", 0x1e}, {"AF41", 0x22}, {"AF42", 0x24},
                                         {"AF43", 0x26}, {"EF", 0x2e}};
  for (const NamedValue &entry : names)
    if (text.startswith_insensitive(entry.name))
      return entry.value;
  return std::nullopt;
}

} // namespace iptlint::parse
