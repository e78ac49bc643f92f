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
  llvm::SmallVector<ir::Interval, 1> one;
  one.push_back({lo, hi});
  addRanges(field, std::move(one), negated);
}

void RuleBuilder::addMask(Field field, Value mask, Value value, bool negated) {
  if (mask == 0 && value == 0 && !negated)
    return;
  rule.tests.push_back(ir::MaskTest{field, negated, mask, value});
}

void RuleBuilder::addFirstFragment() {
  for (const ir::Test &test : rule.tests)
    if (auto *range = std::get_if<ir::RangeTest>(&test); range && range->field == Field::Fragment && !range->negated &&
                                                         range->ranges[0].lo == 0)
      return;
  addRange(Field::Fragment, 0, Value(packet::Fragment::Later) - 1, /*negated=*/false);
}

/// Values of options that are not modelled: at least of the right kind.
static void checkValues(RuleBuilder &builder) {
  for (const Use &use : builder.command.uses)
    if (use.option && use.option->state != OptionState::Exact && !use.values.empty() &&
        !fits(builder.value(use), *use.option, builder.family))
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
  if (!available(*known, builder.family)) // said already
    return;
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

/// A match that writes what other matches read, for which the IR has no words: the mark of the packet, and
/// labels of the flow.
static bool matchWrites(const RuleBuilder &builder) {
  return llvm::any_of(builder.command.uses, [](const Use &use) {
    return use.option && ((use.option->module == ModuleId::Socket && use.is("restore-skmark")) ||
                          (use.option->module == ModuleId::Connlabel && use.is("set")));
  });
}

/// Whether a packet that the rule matches is done with the chain.
static bool decides(ir::TargetKind kind) {
  return kind == ir::TargetKind::Accept || kind == ir::TargetKind::Drop || kind == ir::TargetKind::Verdict ||
         kind == ir::TargetKind::Return || kind == ir::TargetKind::Goto;
}

void buildRule(RuleBuilder builder, const Place &place) {
  const Command &command = builder.command;
  builder.rule.broken = command.broken;
  checkRelations(builder);
  checkValues(builder);
  addBaseTests(builder);
  for (unsigned module = 1; module != command.modules.size(); ++module)
    if (int(module) != command.target)
      addMatch(builder, module);
  addTarget(builder);
  addDemands(builder, place);
  builder.rule.broken |= matchWrites(builder);
  if (builder.rule.broken || (builder.overlaps && !decides(builder.rule.target.kind)))
    builder.rule.target.kind = ir::TargetKind::Opaque;
}

} // namespace iptlint::parse
