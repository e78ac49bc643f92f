// What routing says of a packet: types of its addresses, its realm.
#include "parse/Tests.h"
#include "parse/Values.h"

namespace iptlint::parse {

using packet::AddrType;
using packet::Family;
using packet::Field;
using packet::Value;

/// What a name stands for hangs on the machine.
void addRealmTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "realm");
  if (!use)
    return;
  llvm::StringRef text = builder.value(*use);
  if (auto realm = parseMarkMask(text))
    builder.addMask(Field::Realm, realm->mask, realm->value, use->negated);
  else if (isTableName(text))
    addOpaqueOption(builder, *use);
  else
    builder.refuse(*use, "realm");
}

/// Types of addresses as bits.
static std::optional<unsigned> parseAddressTypes(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 4> names;
  text.split(names, ',');
  unsigned types = 0;
  for (llvm::StringRef name : names) {
    unsigned type = 0;
    while (type != packet::kAddrTypeCount && !packet::name(AddrType(type)).startswith_insensitive(name))
      ++type;
    if (name.empty() || type == packet::kAddrTypeCount)
      return std::nullopt;
    types |= 1u << type;
  }
  return types;
}

static constexpr unsigned bit(AddrType type) {
  return 1u << unsigned(type);
}

static void addTypes4(RuleBuilder &builder, const Use &use, Field field, unsigned types) {
  llvm::SmallVector<ir::Interval, 1> ranges;
  for (unsigned type = 0; type != packet::kAddrTypeCount; ++type)
    if (types >> type & 1)
      ranges.push_back({type, type});
  normalise(ranges);
  builder.addRanges(field, std::move(ranges), use.negated);
}

/// What the kernel calls a unicast address of IPv6: all but multicast ones, `::` and IPv4 addresses in disguise.
/// Source: net/ipv6/addrconf_core.c, __ipv6_addr_type().
static llvm::SmallVector<ir::Interval, 1> unicast6() {
  constexpr Value kMapped = Value(0xffff) << 32, kMulticast = Value(0xff) << 120;
  return {{1, kMapped - 1}, {kMapped + (Value(1) << 32), kMulticast - 1}};
}

/// In IPv6 a list asks for all that it names: the form of the address, and what routing says of it. Source:
/// net/netfilter/xt_addrtype.c, match_type6().
static ir::Alternative typeTests6(unsigned types, Field address, Field type) {
  ir::Alternative tests;
  auto add = [&](Field field, llvm::SmallVector<ir::Interval, 1> ranges) {
    tests.push_back(ir::RangeTest{field, std::nullopt, false, std::move(ranges)});
  };
  if (types & bit(AddrType::Multicast))
    add(address, {{Value(0xff) << 120, packet::maxValue(address, Family::IPv6)}});
  if (types & bit(AddrType::Unicast))
    add(address, unicast6());
  if (types & bit(AddrType::Unspec))
    add(address, {{0, 0}});
  if (types & bit(AddrType::Local))
    add(type, {{Value(AddrType::Local), Value(AddrType::Local)}});
  return tests;
}

static void addTypes(RuleBuilder &builder, const Use &use, Field address, Field type) {
  constexpr unsigned kExact6 =
      bit(AddrType::Multicast) | bit(AddrType::Unicast) | bit(AddrType::Unspec) | bit(AddrType::Local);
  constexpr unsigned kNotIn6 = bit(AddrType::Broadcast) | bit(AddrType::Blackhole) | bit(AddrType::Prohibit) |
                               bit(AddrType::Throw) | bit(AddrType::Nat) | bit(AddrType::Xresolve);
  auto types = parseAddressTypes(builder.value(use));
  if (!types)
    return builder.refuse(use, "list of address types");
  if (builder.family == Family::IPv4)
    return addTypes4(builder, use, type, *types);
  if (*types & kNotIn6)
    return builder.error(use.values[0], "the kernel knows no such type of IPv6 addresses; UNSPEC, UNICAST, LOCAL, "
                                        "ANYCAST, MULTICAST and UNREACHABLE may stand here");
  if (*types & ~kExact6)
    return addOpaqueOption(builder, use);
  builder.addAll(typeTests6(*types, address, type), use.negated);
}

/// With `--limit-iface-...` an address of another interface counts as UNICAST: whose it is, is not modelled. What is
/// of another type by itself stays that.
static void addLimited(RuleBuilder &builder, const Use &use, Field type) {
  auto types = parseAddressTypes(builder.value(use));
  if (!types)
    return builder.refuse(use, "list of address types");
  if (builder.family == Family::IPv4 && !use.negated && !(*types & bit(AddrType::Unicast)))
    addTypes4(builder, use, type, *types);
}

void addAddrtypeTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  const Use *src = command.find(module, "src-type"), *dst = command.find(module, "dst-type");
  if (!src && !dst)
    return builder.error(command.modules[module].at, "'addrtype' needs '--src-type' or '--dst-type'");
  bool limited = command.find(module, "limit-iface-in") || command.find(module, "limit-iface-out");
  for (auto [use, address, type] :
       {std::tuple(src, Field::Src, Field::SrcType), std::tuple(dst, Field::Dst, Field::DstType)})
    if (use && limited)
      addLimited(builder, *use, type);
    else if (use)
      addTypes(builder, *use, address, type);
  if (limited)
    addOpaqueTest(builder, module);
}

} // namespace iptlint::parse
