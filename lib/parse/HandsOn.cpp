// What a target that ends its table writes: addresses and ports of DNAT, REDIRECT and NETMAP, the mark of TPROXY.
//
// No rule of the same table can see it; those of later tables do. Left out is what SNAT and MASQUERADE write: nat
// is the last table of the hooks that have them. What a range leaves open is unknown, and so is what
// conntrack notes about the translation.
#include "parse/Tests.h"
#include "parse/Values.h"

namespace iptlint::parse {

using ir::Write;
using packet::Field;
using packet::Value;

static std::optional<Value> addressNamed(llvm::StringRef text, packet::Family family) {
  auto block = parseAddressBlock(text, family);
  bool isWhole = block && block->mask == packet::maxValue(Field::Dst, family);
  return isWhole ? std::optional(block->address) : std::nullopt;
}

/// Of `10.0.0.1-10.0.0.9:80-90` the addresses and the ports; an IPv6 address stands in brackets where ports follow.
static std::pair<llvm::StringRef, llvm::StringRef> addressesAndPorts(llvm::StringRef text, packet::Family family) {
  if (family == packet::Family::IPv4)
    return text.split(':');
  if (!text.startswith("["))
    return {text, {}};
  auto [addresses, ports] = text.drop_front().rsplit("]:");
  return {addresses.rtrim(']'), ports};
}

/// Conntrack tells a translated flow from others only where its address really became another one.
/// Source: net/netfilter/nf_nat_core.c, nf_nat_setup_info().
static void addTranslation(ir::Target &target, const Write &address, std::optional<Write> port) {
  target.handsOn = {address, Write::anything(Field::DstType), Write::anything(Field::CtState, ~Value(packet::kCtDnat) & 0xf),
                    Write::anything(Field::CtStatus), Write::anything(Field::CtReplSrc), Write::anything(Field::CtReplSport)};
  if (port)
    target.handsOn.push_back(*port);
}

/// Ports are let alone where none are named.
static std::optional<Write> portWrite(llvm::StringRef ports) {
  if (ports.empty())
    return std::nullopt;
  auto port = parseNumber(ports, 0xffff);
  return port ? Write::constant(Field::Dport, *port) : Write::anything(Field::Dport);
}

static void addDnat(RuleBuilder &builder, unsigned module, ir::Target &target) {
  auto [addresses, ports] = addressesAndPorts(builder.valueOf(module, "to-destination"), builder.family);
  auto address = addressNamed(addresses, builder.family);
  Write write = address ? Write::constant(Field::Dst, *address) : Write::anything(Field::Dst);
  if (addresses.empty()) // ports alone: the address stays
    write = {.field = Field::Dst, .keep = packet::maxValue(Field::Dst, builder.family)};
  addTranslation(target, write, portWrite(ports));
}

static void addNetmap(RuleBuilder &builder, unsigned module, ir::Target &target) {
  auto block = parseAddressBlock(builder.valueOf(module, "to"), builder.family);
  Value all = packet::maxValue(Field::Dst, builder.family);
  addTranslation(target,
                 block ? Write{.field = Field::Dst, .keep = all & ~block->mask, .flip = block->address}
                       : Write::anything(Field::Dst),
                 std::nullopt);
}

/// Source: net/netfilter/xt_TPROXY.c, nf_tproxy_assign_sock() and tproxy_tg4(): mark = (mark & ~mask) ^ value.
static void addTproxy(RuleBuilder &builder, unsigned module, ir::Target &target) {
  llvm::StringRef text = builder.valueOf(module, "tproxy-mark");
  auto mark = parseMarkMask(text);
  if (!text.empty())
    target.handsOn = {mark ? Write{.field = Field::Mark, .keep = 0xffffffff & ~Value(mark->mask), .flip = mark->value}
                           : Write::anything(Field::Mark)};
}

void addHandsOn(RuleBuilder &builder, unsigned module) {
  ir::Target &target = builder.rule.target;
  switch (builder.command.modules[module].module->id) {
  case ModuleId::Dnat:
    return addDnat(builder, module, target);
  case ModuleId::Redirect:
    return addTranslation(target, Write::anything(Field::Dst), portWrite(builder.valueOf(module, "to-ports")));
  case ModuleId::Netmap:
    return addNetmap(builder, module, target);
  case ModuleId::Tproxy:
    return addTproxy(builder, module, target);
  case ModuleId::Queue:
  case ModuleId::Nfqueue: // the program may give back another packet
    for (unsigned i = 0; i != packet::kFieldCount; ++i)
      if (Field(i) != Field::Hook)
        target.handsOn.push_back(Write::anything(Field(i)));
    return;
  default:
    return;
  }
}

} // namespace iptlint::parse
