// What the IP header says besides addresses and protocol: traffic class, time to live, length.
#include "parse/Tests.h"
#include "parse/TrafficClass.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Field;
using packet::Value;

void addTosTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "tos");
  if (!use)
    return;
  auto tos = parseTos(builder.value(*use));
  if (!tos)
    return builder.refuse(*use, "type of service");
  builder.addMask(Field::Tos, tos->mask, tos->value, use->negated);
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
    dscp = parseDscpClass(builder.value(*name));
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
