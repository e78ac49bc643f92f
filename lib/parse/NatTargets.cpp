// DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP: which addresses and ports they choose from.
//
// Source: iptables 1.8.9, libxt_NAT.c, parse_to() and parse_ports(); libxt_NETMAP.c.
#include "ir/Nat.h"
#include "parse/Tests.h"
#include "parse/Values.h"

namespace iptlint::parse {

using packet::Family;
using packet::Value;

/// `80`, `80-90`, `80-90/85`; the first alone may be a service, also one with a dash in its name.
static void readPorts(llvm::StringRef text, ir::Nat &nat) {
  auto [range, base] = text.split('/');
  auto [first, last] = range.split('-');
  auto lo = parseNumber(first, 0xffff), hi = parseNumber(last, 0xffff);
  if (lo && hi)
    nat.ports = ir::Interval{*lo, *hi};
  else if (auto port = parsePort(range))
    nat.ports = ir::Interval{*port, *port};
  if (!base.empty())
    nat.basePort = parsePort(base);
}

/// `address`, `address-address`; the ends in any order.
static void readAddresses(llvm::StringRef text, Family family, ir::Nat &nat) {
  auto [first, last] = text.split('-');
  Value lo = 0, hi = 0;
  if (!packet::parseAddress(first, family, lo))
    return;
  if (!packet::parseAddress(last, family, hi))
    hi = lo;
  nat.addresses = ir::Interval{std::min(lo, hi), std::max(lo, hi)};
}

/// `addresses:ports`. In IPv6 the addresses stand in brackets, if ports follow.
static void readTo(llvm::StringRef text, Family family, ir::Nat &nat) {
  llvm::StringRef addresses = text, ports;
  if (size_t open = text.find('['); open != llvm::StringRef::npos) {
    addresses = text.slice(open + 1, text.find(']'));
    ports = text.substr(text.find(']')).split(':').second;
  } else if (text.count(':') == 1) {
    std::tie(addresses, ports) = text.split(':');
  }
  readAddresses(addresses, family, nat);
  if (!ports.empty())
    readPorts(ports, nat);
}

static void readNetmap(llvm::StringRef text, Family family, ir::Nat &nat) {
  auto block = parseAddressBlock(text, family);
  if (!block)
    return;
  nat.addresses = ir::Interval{block->address, block->address};
  nat.mask = block->mask;
}

static ir::Nat natOf(RuleBuilder &builder, unsigned module, ModuleId id) {
  ir::Nat nat;
  auto valueOf = [&](llvm::StringRef option) { return builder.valueOf(module, option); };
  if (id == ModuleId::Netmap)
    readNetmap(valueOf("to"), builder.family, nat);
  else if (id == ModuleId::Dnat || id == ModuleId::Snat)
    readTo(valueOf(id == ModuleId::Dnat ? "to-destination" : "to-source"), builder.family, nat);
  else if (llvm::StringRef ports = valueOf("to-ports"); !ports.empty())
    readPorts(ports, nat);
  nat.random = builder.command.find(module, "random") || builder.command.find(module, "random-fully");
  return nat;
}

void addNat(RuleBuilder &builder, unsigned module) {
  ModuleId id = builder.command.modules[module].module->id;
  switch (id) {
  case ModuleId::Dnat:
  case ModuleId::Snat:
  case ModuleId::Masquerade:
  case ModuleId::Redirect:
  case ModuleId::Netmap:
    builder.rule.target.nat = std::make_shared<const ir::Nat>(natOf(builder, module, id));
    return;
  default:
    return;
  }
}

} // namespace iptlint::parse
