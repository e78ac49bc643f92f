// conntrack's state, marks, ranges and types of addresses, MAC addresses.
#include "parse/Tests.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::CtState;
using packet::Family;
using packet::Field;
using packet::Value;

/// The values of Field::CtState that a name of `--ctstate` stands for, as bits.
static std::optional<unsigned> statesNamed(llvm::StringRef name, bool withNat) {
  constexpr unsigned kWithFlow = 0xfff, kSnat = 0xaaa, kDnat = 0xccc;
  struct {
    llvm::StringLiteral name;
    unsigned states;
  } static constexpr known[] = {{"INVALID", 1u << unsigned(CtState::Invalid)},
                                {"NEW", 0xfu << unsigned(CtState::New)},
                                {"ESTABLISHED", 0xfu << unsigned(CtState::Established)},
                                {"RELATED", 0xfu << unsigned(CtState::Related)},
                                {"UNTRACKED", 1u << unsigned(CtState::Untracked)},
                                {"SNAT", kSnat & kWithFlow},
                                {"DNAT", kDnat & kWithFlow}};
  for (const auto &entry : llvm::makeArrayRef(known).take_front(withNat ? 7 : 5))
    if (!name.empty() && entry.name.startswith_insensitive(name))
      return entry.states;
  return std::nullopt;
}

static std::optional<unsigned> parseStates(llvm::StringRef text, bool withNat) {
  unsigned states = 0;
  llvm::SmallVector<llvm::StringRef, 4> names;
  text.split(names, ',');
  for (llvm::StringRef name : names)
    if (auto more = statesNamed(name, withNat))
      states |= *more;
    else
      return std::nullopt;
  return states;
}

static void addStates(RuleBuilder &builder, const Use &use, bool withNat) {
  auto states = parseStates(builder.value(use), withNat);
  if (!states)
    return builder.refuse(use, "list of states");
  llvm::SmallVector<ir::Interval, 1> ranges;
  for (unsigned state = 0; state <= unsigned(CtState::Untracked); ++state)
    if (*states >> state & 1)
      ranges.push_back({state, state});
  normalise(ranges);
  builder.addRanges(Field::CtState, std::move(ranges), use.negated);
}

void addStateTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  if (const Use *use = command.find(module, "state"))
    return addStates(builder, *use, /*withNat=*/false);
  if (const Use *use = command.find(module, "ctstate"))
    addStates(builder, *use, /*withNat=*/true);
  for (const Use &use : command.uses)
    if (use.module == module && !use.is("ctstate"))
      return addOpaqueTest(builder, module);
}

void addMarkTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "mark");
  if (!use)
    return;
  if (auto mark = parseMarkMask(builder.value(*use)))
    builder.addMask(Field::Mark, mark->mask, mark->value, use->negated);
  else
    builder.refuse(*use, "mark");
}

/// `first-last`, or one address. A range that is the wrong way round holds no address.
static void addAddressRange(RuleBuilder &builder, const Use &use, Field field) {
  llvm::StringRef text = builder.value(use);
  auto [first, last] = text.split('-');
  auto lo = parseAddressBlock(first, builder.family);
  auto hi = first == text ? lo : parseAddressBlock(last, builder.family);
  if (!lo || !hi || first.contains('/') || last.contains('/'))
    return builder.refuse(use, "range of addresses");
  llvm::SmallVector<ir::Interval, 1> ranges;
  if (lo->address <= hi->address)
    ranges.push_back({lo->address, hi->address});
  builder.addRanges(field, std::move(ranges), use.negated);
}

void addIprangeTests(RuleBuilder &builder, unsigned module) {
  const Use *src = builder.command.find(module, "src-range"), *dst = builder.command.find(module, "dst-range");
  if (src)
    addAddressRange(builder, *src, Field::Src);
  if (dst)
    addAddressRange(builder, *dst, Field::Dst);
  if (!src && !dst)
    builder.error(builder.command.modules[module].at, "'iprange' needs '--src-range' or '--dst-range'");
}

static std::optional<llvm::SmallVector<ir::Interval, 1>> parseAddressTypes(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 4> names;
  text.split(names, ',');
  llvm::SmallVector<ir::Interval, 1> ranges;
  for (llvm::StringRef name : names) {
    unsigned type = 0;
    while (type != packet::kAddrTypeCount &&
           !packet::name(packet::AddrType(type)).startswith_insensitive(name))
      ++type;
    if (name.empty() || type == packet::kAddrTypeCount)
      return std::nullopt;
    ranges.push_back({type, type});
  }
  normalise(ranges);
  return ranges;
}

static void addAddressTypes(RuleBuilder &builder, const Use &use, Field field) {
  if (auto types = parseAddressTypes(builder.value(use)))
    builder.addRanges(field, std::move(*types), use.negated);
  else
    builder.refuse(use, "list of address types");
}

/// In IPv6 an address is of several types at once and a list means all of them: no value of one field.
void addAddrtypeTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  const Use *src = command.find(module, "src-type"), *dst = command.find(module, "dst-type");
  if (!src && !dst)
    return builder.error(command.modules[module].at, "'addrtype' needs '--src-type' or '--dst-type'");
  if (builder.family == Family::IPv6 || command.find(module, "limit-iface-in") ||
      command.find(module, "limit-iface-out"))
    return addOpaqueTest(builder, module);
  if (src)
    addAddressTypes(builder, *src, Field::SrcType);
  if (dst)
    addAddressTypes(builder, *dst, Field::DstType);
}

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

} // namespace iptlint::parse
