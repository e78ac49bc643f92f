#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Field;
using packet::Value;

llvm::StringRef RuleBuilder::value(const Use &use, unsigned index) const {
  return unquoted(use.values[index], memory);
}

void RuleBuilder::refuse(const Use &use, llvm::StringRef what, unsigned index) {
  error(use.values[index], fmt::format("'{}' is no {}", value(use, index), what));
}

void RuleBuilder::addRanges(Field field, llvm::SmallVector<ir::Interval, 1> ranges, bool negated) {
  bool everything = ranges.size() == 1 && ranges[0].lo == 0 && ranges[0].hi >= packet::maxValue(field, family);
  if (everything && !negated)
    return;
  rule.tests.push_back(ir::RangeTest{field, std::nullopt, negated, std::move(ranges)});
}

void RuleBuilder::addRange(Field field, Value lo, Value hi, bool negated) {
  addRanges(field, {ir::Interval{lo, hi}}, negated);
}

void RuleBuilder::addMask(Field field, Value mask, Value value, bool negated) {
  if (mask == 0 && value == 0 && !negated)
    return;
  rule.tests.push_back(ir::MaskTest{field, negated, mask, value});
}

void RuleBuilder::addFirstFragment() {
  ir::Test first = ir::RangeTest{Field::Fragment, std::nullopt, false, {ir::Interval{0, 0}}};
  if (!llvm::is_contained(rule.tests, first))
    rule.tests.push_back(std::move(first));
}

void RuleBuilder::requireProtocol(unsigned module, llvm::ArrayRef<unsigned> protocols) {
  if (llvm::any_of(protocols, [&](unsigned number) { return command.hasProtocol(number); }))
    return;
  error(command.modules[module].at, fmt::format("'{}' needs '-p {}' in the same rule", command.modules[module].name,
                                                packet::protocolText(protocols.front())));
}

/// The largest number that fits a kind of value; 0 where it is no number.
static uint64_t largest(ValueKind kind) {
  switch (kind) {
  case ValueKind::U8:
  case ValueKind::U8Range:
    return 0xff;
  case ValueKind::U16:
  case ValueKind::U16Range:
    return 0xffff;
  case ValueKind::U32:
  case ValueKind::U32Range:
    return 0xffffffff;
  case ValueKind::U64:
  case ValueKind::U64Range:
    return ~uint64_t(0);
  default:
    return 0;
  }
}

static bool isNumber(llvm::StringRef text, const Option &option) {
  uint64_t max = option.max ? option.max : largest(option.value);
  auto number = parseNumber(text, max);
  return number && *number >= option.min;
}

static bool isNumberRange(llvm::StringRef text, ValueKind kind) {
  auto [first, last] = text.split(':');
  return (first.empty() || parseNumber(first, largest(kind))) && (last.empty() || parseNumber(last, largest(kind)));
}

static bool fits(llvm::StringRef text, const Option &option) {
  double real = 0;
  switch (option.value) {
  case ValueKind::U8:
  case ValueKind::U16:
  case ValueKind::U32:
  case ValueKind::U64:
    return isNumber(text, option);
  case ValueKind::U8Range:
  case ValueKind::U16Range:
  case ValueKind::U32Range:
  case ValueKind::U64Range:
    return isNumberRange(text, option.value);
  case ValueKind::Real:
    return !text.getAsDouble(real);
  case ValueKind::MarkMask:
    return parseMarkMask(text).has_value();
  case ValueKind::Port:
    return parsePort(text).has_value();
  case ValueKind::PortRange:
    return parsePortRange(text).has_value();
  case ValueKind::Mac:
    return parseMac(text).has_value();
  default:
    return true;
  }
}

/// Values of options that are not modelled: at least of the right kind.
static void checkValues(RuleBuilder &builder) {
  for (const Use &use : builder.command.uses)
    if (use.option && use.option->state != OptionState::Exact && !use.values.empty() &&
        !fits(builder.value(use), *use.option))
      builder.refuse(use, fmt::format("value for '--{}'", llvm::StringRef(use.option->name)));
}

static void addComment(RuleBuilder &builder, unsigned module) {
  if (const Use *use = builder.command.find(module, "comment"))
    builder.rule.comment = builder.value(*use);
}

static void addMatch(RuleBuilder &builder, unsigned module) {
  const Module *known = builder.command.modules[module].module;
  if (!known)
    return addOpaqueTest(builder, module);
  switch (known->id) {
  case ModuleId::Tcp:
  case ModuleId::Udp:
  case ModuleId::Sctp:
  case ModuleId::Dccp:
    return addTransportTests(builder, module);
  case ModuleId::Multiport:
    return addMultiportTests(builder, module);
  case ModuleId::Icmp:
  case ModuleId::Icmp6:
    return addIcmpTests(builder, module);
  case ModuleId::Conntrack:
  case ModuleId::StateMatch:
    return addStateTests(builder, module);
  case ModuleId::Mark:
    return addMarkTests(builder, module);
  case ModuleId::Iprange:
    return addIprangeTests(builder, module);
  case ModuleId::Addrtype:
    return addAddrtypeTests(builder, module);
  case ModuleId::Mac:
    return addMacTests(builder, module);
  case ModuleId::Comment:
    return addComment(builder, module);
  default:
    return addOpaqueTest(builder, module);
  }
}

/// Two things that the IR has no words for: a match that writes the mark, and a list of addresses that
/// overlap, for the kernel makes several rules of it and all of them act on some packets.
static bool actsBesides(const RuleBuilder &builder) {
  return llvm::any_of(builder.command.uses, [](const Use &use) { return use.is("restore-skmark"); });
}

void buildRule(RuleBuilder builder) {
  const Command &command = builder.command;
  builder.rule.broken = command.broken;
  checkValues(builder);
  addBaseTests(builder);
  for (unsigned module = 1; module != command.modules.size(); ++module)
    if (int(module) != command.target)
      addMatch(builder, module);
  addTarget(builder);
  builder.rule.broken |= actsBesides(builder);
  if (builder.rule.broken)
    builder.rule.target.kind = ir::TargetKind::Opaque;
}

} // namespace iptlint::parse
