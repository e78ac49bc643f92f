// What the link layer says: how a frame was addressed and by whom, groups of interfaces, ports of bridges.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Field;
using packet::PktType;
using packet::Value;

/// A packet without a MAC address matches neither `--mac-source` nor `! --mac-source`.
void addMacTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "mac-source");
  if (!use)
    return;
  auto mac = parseMac(builder.value(*use));
  if (!mac)
    return builder.refuse(*use, "MAC address");
  if (!use->negated)
    return builder.addRange(Field::Mac, *mac, *mac, false);
  llvm::SmallVector<ir::Interval, 1> others;
  if (*mac != 0)
    others.push_back({0, *mac - 1});
  if (*mac != packet::kNoMac - 1)
    others.push_back({*mac + 1, packet::kNoMac - 1});
  builder.addRanges(Field::Mac, std::move(others), false);
}

/// Any case. Source: iptables 1.8.9, libxt_pkttype.c, supported_types[].
static std::optional<PktType> parsePktType(llvm::StringRef text) {
  struct {
    llvm::StringLiteral name;
    PktType type;
  } static constexpr names[] = {{"unicast", PktType::Host},        {"host", PktType::Host},
                                {"broadcast", PktType::Broadcast}, {"bcast", PktType::Broadcast},
                                {"multicast", PktType::Multicast}, {"mcast", PktType::Multicast},
                                {"otherhost", PktType::OtherHost}};
  for (const auto &entry : names)
    if (entry.name.equals_insensitive(text))
      return entry.type;
  return std::nullopt;
}

void addPkttypeTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "pkt-type");
  if (!use)
    return;
  auto type = parsePktType(builder.value(*use));
  if (!type)
    return builder.refuse(*use, "packet type: unicast, broadcast, multicast or otherhost");
  builder.addRange(Field::PktType, Value(*type), Value(*type), use->negated);
}

/// Unlike a mark's, bits of the value outside the mask count for nothing. What a name stands for hangs on the
/// machine. Source: net/netfilter/xt_devgroup.c, devgroup_mt().
static void addGroup(RuleBuilder &builder, const Use &use, Field field) {
  llvm::StringRef text = builder.value(use);
  if (auto group = parseMarkMask(text))
    return builder.addMask(field, group->mask, group->value & group->mask, use.negated);
  if (isTableName(text))
    return addOpaqueOption(builder, use);
  builder.refuse(use, "group of interfaces");
}

void addDevgroupTests(RuleBuilder &builder, unsigned module) {
  const Use *src = builder.command.find(module, "src-group"), *dst = builder.command.find(module, "dst-group");
  if (!src && !dst)
    return builder.error(builder.command.modules[module].at, "'devgroup' needs '--src-group' or '--dst-group'");
  if (src)
    addGroup(builder, *src, Field::InGroup);
  if (dst)
    addGroup(builder, *dst, Field::OutGroup);
}

/// A name, or with a + at its end all that begin so; never no name at all.
static std::optional<ir::RangeTest> portTest(RuleBuilder &builder, const Use &use, Field field) {
  constexpr size_t kLongest = 15; // IFNAMSIZ without the final zero
  llvm::StringRef name = builder.value(use);
  if (name.empty() || name.size() > kLongest) {
    builder.error(use.values[0], "the name of a port has 1 to 15 characters");
    return std::nullopt;
  }
  builder.noteInterface(use);
  auto [lo, hi] = name.consume_back("+") ? packet::interfacesStartingWith(name)
                                         : std::pair(packet::interfaceValue(name), packet::interfaceValue(name));
  return ir::RangeTest{field, std::nullopt, use.negated, {{std::max<Value>(lo, 1), hi}}};
}

/// What one option asks of a packet that did come through a bridge.
static void addPortTests(RuleBuilder &builder, const Use &use, ir::Alternative &tests) {
  Value last = packet::maxValue(Field::PhysIn, builder.family);
  auto present = [&](Field field, bool negated) {
    tests.push_back(ir::RangeTest{field, std::nullopt, negated, {{1, last}}});
  };
  if (use.is("physdev-is-in"))
    return present(Field::PhysIn, use.negated);
  if (use.is("physdev-is-out") || use.is("physdev-is-bridged"))
    return present(Field::PhysOut, use.negated);
  bool in = use.is("physdev-in");
  if (!in)
    present(Field::PhysOut, /*negated=*/false);
  if (auto test = portTest(builder, use, in ? Field::PhysIn : Field::PhysOut))
    tests.push_back(std::move(*test));
}

/// What did not come through a bridge matches if every option has a `!`.
/// Source: net/netfilter/xt_physdev.c, physdev_mt().
void addPhysdevTests(RuleBuilder &builder, unsigned module) {
  ir::RangeTest bridged{Field::PhysIn, std::nullopt, false, {{1, packet::maxValue(Field::PhysIn, builder.family)}}};
  ir::Alternative ofBridged{bridged};
  bool allNegated = true;
  for (const Use &use : builder.command.uses)
    if (use.module == module) {
      allNegated &= use.negated;
      addPortTests(builder, use, ofBridged);
    }
  if (ofBridged.size() == 1)
    return builder.error(builder.command.modules[module].at, "'physdev' needs an option");
  if (!allNegated)
    return builder.addAll(std::move(ofBridged), /*negated=*/false);
  bridged.negated = true;
  builder.addUnion({{bridged}, std::move(ofBridged)}, /*negated=*/false);
}

} // namespace iptlint::parse
