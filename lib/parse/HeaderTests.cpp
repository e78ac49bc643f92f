// What the IP header says besides addresses and protocol: traffic class, time to live, length.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Field;
using packet::Value;

namespace {
struct NamedValue {
  llvm::StringLiteral name;
  uint8_t value;
};
} // namespace

/// Any case, no abbreviations. Names mean the six bits that were the type of service. Source: iptables 1.8.9,
/// tos_values.c, tos_symbol_names[]; xtoptions.c, xtopt_parse_tosmask().
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

void addTosTests(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kByte = 0xff;
  const Use *use = builder.command.find(module, "tos");
  if (!use)
    return;
  llvm::StringRef text = builder.value(*use);
  auto tos = tosNamed(text);
  if (!tos && (tos = parseMarkMask(text)) && !text.contains('/'))
    tos->mask = kByte;
  if (!tos || tos->value > kByte || tos->mask > kByte)
    return builder.refuse(*use, "type of service");
  builder.addMask(Field::Tos, tos->mask, tos->value, use->negated);
}

/// The first name that \p text begins with. Source: iptables 1.8.9, dscp_helper.c, class_to_dscp().
static std::optional<unsigned> dscpNamed(llvm::StringRef text) {
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

void addDscpTests(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kDscpBits = 0xfc, kMost = 63;
  const Use *number = builder.command.find(module, "dscp"), *name = builder.command.find(module, "dscp-class");
  const Use *use = number ? number : name;
  if (!use)
    return builder.error(builder.command.modules[module].at, "'dscp' needs '--dscp' or '--dscp-class'");
  std::optional<uint64_t> dscp;
  if (number)
    dscp = parseNumber(builder.value(*number), kMost);
  else
    dscp = dscpNamed(builder.value(*name));
  if (!dscp)
    return builder.refuse(*use, number ? "DSCP from 0 to 63" : "class of DSCP");
  builder.addMask(Field::Tos, kDscpBits, *dscp << 2, use->negated);
}

/// Whether the rule sees no later fragment anyway: it has a match that wants the first, or `! -f`.
static bool demandsFirstFragment(const RuleBuilder &builder) {
  if (const Use *fragments = builder.command.find(0, "fragments"))
    return fragments->negated;
  return llvm::any_of(builder.command.modules, [](const LoadedModule &loaded) {
    return loaded.module && (loaded.module->id == ModuleId::Tcp || loaded.module->id == ModuleId::Multiport);
  });
}

/// Of a later fragment the kernel takes payload for flags, and one with less than a header of it matches neither way.
/// Source: net/netfilter/xt_ecn.c, match_tcp().
static void addEcnFlags(RuleBuilder &builder, unsigned module, const Use *ece, const Use *cwr) {
  constexpr unsigned kEce = 64, kCwr = 128;
  if (!demandsFirstFragment(builder))
    return addOpaqueTest(builder, module);
  for (auto [use, flag] : {std::pair(ece, kEce), std::pair(cwr, kCwr)})
    if (use)
      builder.addMask(Field::TcpFlags, flag, use->negated ? 0 : flag, /*negated=*/false);
}

void addEcnTests(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kEcnBits = 3;
  const Command &command = builder.command;
  const Use *ect = command.find(module, "ecn-ip-ect");
  const Use *ece = command.find(module, "ecn-tcp-ece"), *cwr = command.find(module, "ecn-tcp-cwr");
  if (ect) {
    auto value = parseNumber(builder.value(*ect), kEcnBits);
    if (!value)
      return builder.refuse(*ect, "ECN codepoint from 0 to 3");
    builder.addMask(Field::Tos, kEcnBits, *value, ect->negated);
  }
  if (ece || cwr)
    addEcnFlags(builder, module, ece, cwr);
  else if (!ect)
    builder.error(command.modules[module].at, "'ecn' needs '--ecn-tcp-cwr', '--ecn-tcp-ece' or '--ecn-ip-ect'");
}

/// ttl and hl: `-eq`, `-lt` and `-gt` exclude each other.
void addTtlTests(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kMost = 255;
  for (const Use &use : builder.command.uses) {
    if (use.module != module)
      continue;
    auto number = parseNumber(builder.value(use), kMost);
    if (!number)
      return builder.refuse(use, "number from 0 to 255");
    bool less = use.option->canonical.endswith("-lt"), more = use.option->canonical.endswith("-gt");
    llvm::SmallVector<ir::Interval, 1> ranges;
    if (less && *number != 0)
      ranges.push_back({0, *number - 1});
    else if (more && *number != kMost)
      ranges.push_back({*number + 1, kMost});
    else if (!less && !more)
      ranges.push_back({*number, *number});
    return builder.addRanges(Field::Ttl, std::move(ranges), use.negated);
  }
  llvm::StringRef name = builder.command.modules[module].name;
  builder.error(builder.command.modules[module].at, ("'" + name + "' needs '--" + name + "-eq', '-lt' or '-gt'").str());
}

void addLengthTests(RuleBuilder &builder, unsigned module) {
  if (const Use *use = builder.command.find(module, "length"))
    builder.addNumbers(*use, Field::Length, 0xffff, "length, nor a range of lengths");
}

} // namespace iptlint::parse
