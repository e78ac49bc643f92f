// Ports, TCP flags, ICMP types: what is in the header behind the IP header.
#include "parse/Tests.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Field;

/// `! --dport 0:65535`, `! --tcp-flags NONE NONE`: legacy asks the kernel, for which no packet meets them. iptables-nft
/// writes conditions of TCP and UDP in nf_tables' own terms, and drops those that it takes to hold always, `!` or not.
/// Source: iptables 1.8.9, iptables/nft.c, add_match() and what it calls.
/// \returns whether the condition needs no other test.
static bool isDroppedByNft(RuleBuilder &builder, const Use &use) {
  ModuleId module = builder.command.modules[use.module].module->id;
  if (!use.negated || (module != ModuleId::Tcp && module != ModuleId::Udp) || builder.backEnd == ir::BackEnd::Legacy)
    return false;
  if (!builder.backEnd)
    addOpaqueOption(builder, use);
  return true;
}

/// The wrong way round, iptables refuses a range of some protocols; of the others it loads one that holds no port.
static void addPorts(RuleBuilder &builder, const Use &use, Field field) {
  bool service = use.option->value == ValueKind::ServicePortRange;
  auto range = service ? parseServicePortRange(builder.value(use)) : parsePortRange(builder.value(use));
  if (!range)
    return builder.refuse(use, service ? kNoServicePort : "port, nor a range of ports");
  if (range->lo > range->hi && !service)
    return builder.error(use.values[0], "the range of ports is the wrong way round");
  if (range->lo > range->hi) {
    builder.findings.add(support::Severity::Warning, use.values[0],
                         "the range of ports is the wrong way round: no port is in it");
    return builder.addRanges(field, {}, use.negated);
  }
  constexpr packet::Value kLastPort = 0xffff;
  if (range->lo == 0 && range->hi == kLastPort && isDroppedByNft(builder, use))
    return;
  builder.addRange(field, range->lo, range->hi, use.negated);
}

/// `--tcp-flags` has no name for the others. Source: iptables 1.8.9, libxt_tcp.c, tcp_flag_names[].
static constexpr unsigned kTcpFlagsNamed = 6;

/// "SYN,ACK", "ALL", "NONE"; empty members are skipped, as iptables does.
static std::optional<unsigned> parseTcpFlags(llvm::StringRef text) {
  unsigned flags = 0;
  llvm::SmallVector<llvm::StringRef, 6> names;
  text.split(names, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef name : names) {
    unsigned bit = 0;
    while (bit != kTcpFlagsNamed && !name.equals_insensitive(packet::tcpFlagName(bit)))
      ++bit;
    if (bit != kTcpFlagsNamed)
      flags |= 1u << bit;
    else if (name.equals_insensitive("ALL"))
      flags |= 0x3f;
    else if (!name.equals_insensitive("NONE"))
      return std::nullopt;
  }
  return flags;
}

static void addTcpFlags(RuleBuilder &builder, const Use &use) {
  auto mask = parseTcpFlags(builder.value(use, 0));
  auto set = parseTcpFlags(builder.value(use, 1));
  if (!mask || !set)
    return builder.refuse(use, "list of TCP flags", mask ? 1 : 0);
  if (*mask != 0 || *set != 0 || !isDroppedByNft(builder, use))
    builder.addMask(Field::TcpFlags, *mask, *set, use.negated);
}

static void addSyn(RuleBuilder &builder, const Use &use) {
  constexpr unsigned kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
  builder.addMask(Field::TcpFlags, kFin | kSyn | kRst | kAck, kSyn, use.negated);
}

void addTransportTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  builder.addFirstFragment();
  if (const Use *use = command.find(module, "source-port"))
    addPorts(builder, *use, Field::Sport);
  if (const Use *use = command.find(module, "destination-port"))
    addPorts(builder, *use, Field::Dport);
  const Use *flags = command.find(module, "tcp-flags"), *syn = command.find(module, "syn");
  if (flags && syn)
    builder.error(syn->word, "'--syn' and '--tcp-flags' exclude each other");
  if (flags)
    addTcpFlags(builder, *flags);
  if (syn)
    addSyn(builder, *syn);
  if (const Use *types = command.find(module, "dccp-types"))
    addDccpTypes(builder, *types);
  if (const Use *chunks = command.find(module, "chunk-types"))
    addSctpChunks(builder, *chunks);
  for (llvm::StringRef unmodelled : {"tcp-option", "dccp-option"})
    if (const Use *use = command.find(module, unmodelled))
      addOpaqueOption(builder, *use);
}

/// Both ends of a range count as a port towards the kernel's limit.
static std::optional<llvm::SmallVector<ir::Interval, 1>> parsePortList(RuleBuilder &builder, const Use &use) {
  constexpr unsigned kMost = 15; // XT_MULTI_PORTS
  llvm::SmallVector<llvm::StringRef, kMost> members;
  builder.value(use).split(members, ',');
  llvm::SmallVector<ir::Interval, 1> ranges;
  unsigned slots = 0;
  for (llvm::StringRef member : members) {
    auto [first, last] = member.split(':');
    auto lo = parsePort(first), hi = first == member ? lo : parsePort(last);
    if (!lo || !hi || (first != member && *lo >= *hi))
      return builder.refuse(use, "list of ports"), std::nullopt;
    slots += first == member ? 1 : 2;
    ranges.push_back({*lo, *hi});
  }
  if (slots > kMost)
    return builder.error(use.values[0], fmt::format("more than {} ports; a range counts as two", kMost)), std::nullopt;
  normalise(ranges);
  return ranges;
}

void addMultiportTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  builder.addFirstFragment();
  for (const Use &use : command.uses) {
    if (use.module != module)
      continue;
    auto ranges = parsePortList(builder, use);
    if (!ranges)
      return;
    ir::RangeTest test{Field::Sport, std::nullopt, use.negated, std::move(*ranges)};
    if (use.is("destination-ports"))
      test.field = Field::Dport;
    else if (use.is("ports"))
      test.orField = Field::Dport;
    builder.rule.tests.push_back(std::move(test));
    return;
  }
  builder.error(command.modules[module].at, "'multiport' needs '--sports', '--dports' or '--ports'");
}

void addIcmpTests(RuleBuilder &builder, unsigned module) {
  bool ipv4 = builder.command.modules[module].module->id == ModuleId::Icmp;
  builder.addFirstFragment();
  const Use *use = builder.command.find(module, ipv4 ? "icmp-type" : "icmpv6-type");
  if (!use)
    return;
  auto type = parseIcmpType(builder.value(*use), builder.family);
  if (!type)
    return builder.refuse(*use, "type of ICMP");
  if (ipv4 && type->type == 255) // any type and code; the kernel compares nothing then
    return builder.addRange(Field::Icmp, 0, 0xffff, use->negated);
  unsigned base = type->type * 256;
  builder.addRange(Field::Icmp, base + type->firstCode, base + type->lastCode, use->negated);
}

} // namespace iptlint::parse
