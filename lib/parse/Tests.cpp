#include "parse/Tests.h"
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
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

void RuleBuilder::noteInterface(const Use &use) {
  rule.interfaces.push_back({findings.source.rangeOf(use.values[0]), value(use)});
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

void RuleBuilder::addAll(ir::Alternative tests, bool negated) {
  if (negated && tests.size() > 1)
    return addUnion({std::move(tests)}, negated);
  for (auto &test : tests)
    std::visit(
        [&](auto &known) {
          known.negated ^= negated;
          rule.tests.push_back(std::move(known));
        },
        test);
}

void RuleBuilder::addUnion(std::vector<ir::Alternative> alternatives, bool negated) {
  rule.tests.push_back(
      ir::UnionTest{negated, std::make_shared<const std::vector<ir::Alternative>>(std::move(alternatives))});
}

void RuleBuilder::addNumbers(const Use &use, Field field, uint64_t most, llvm::StringRef what) {
  auto range = parseNumberRange(value(use), most);
  if (!range)
    return refuse(use, what);
  Value largest = packet::maxValue(field, family);
  llvm::SmallVector<ir::Interval, 1> ranges;
  if (range->lo <= range->hi && range->lo <= largest)
    ranges.push_back({range->lo, std::min(range->hi, largest)});
  addRanges(field, std::move(ranges), use.negated);
}

void RuleBuilder::addHeaderLength(const Use &use, Field field, HeaderLength length) {
  auto bytes = parseNumber(value(use), 0xffffffff);
  if (!bytes)
    return refuse(use, "length of a header");
  if (*bytes == 0 && length.zeroIsNone)
    return;
  llvm::SmallVector<ir::Interval, 1> ranges;
  if (*bytes >= length.least && (*bytes - length.least) % length.unit == 0) {
    Value units = (*bytes - length.least) / length.unit;
    if (units <= packet::maxValue(field, family))
      ranges.push_back({units, units});
  }
  addRanges(field, std::move(ranges), use.negated);
}

void RuleBuilder::addFirstFragment() {
  for (const ir::Test &test : rule.tests)
    if (auto *range = std::get_if<ir::RangeTest>(&test);
        range && range->field == Field::Fragment && !range->negated && range->ranges[0].lo == 0)
      return;
  addRange(Field::Fragment, 0, Value(packet::Fragment::Later) - 1, /*negated=*/false);
}

static void checkValue(RuleBuilder &builder, const Use &use) {
  unsigned last = use.values.size() - 1;
  if (fits(builder.value(use, last), *use.option, builder.family))
    return;
  std::string right = whatFits(*use.option, builder.family);
  if (!right.empty())
    right = fmt::format("; {} may stand here", right);
  builder.refuse(use, fmt::format("value for '--{}'{}", use.option->name, right), last);
}

/// Values of options that are not modelled: at least of the right kind.
static void checkValues(RuleBuilder &builder) {
  for (const Use &use : builder.command.uses)
    if (use.option && use.option->state != OptionState::Exact && !use.values.empty())
      checkValue(builder, use);
}

static void addComment(RuleBuilder &builder, unsigned module) {
  if (const Use *use = builder.command.find(module, "comment"))
    builder.rule.comment = builder.value(*use);
}

using Adder = void (*)(RuleBuilder &, unsigned);

/// What reads each match; the others are opaque.
static constexpr auto kAdders = [] {
  std::array<Adder, 256> adders{};
  auto set = [&](Adder adder, std::initializer_list<ModuleId> modules) {
    for (ModuleId module : modules)
      adders[size_t(module)] = adder;
  };
  adders.fill(addOpaqueTest);
  set(addTransportTests, {ModuleId::Tcp, ModuleId::Udp, ModuleId::Sctp, ModuleId::Dccp});
  set(addMultiportTests, {ModuleId::Multiport});
  set(addIcmpTests, {ModuleId::Icmp, ModuleId::Icmp6});
  set(addConntrackTests, {ModuleId::Conntrack});
  set(addStateTests, {ModuleId::StateMatch});
  set(addConnmarkTests, {ModuleId::Connmark});
  set(addMarkTests, {ModuleId::Mark});
  set(addIprangeTests, {ModuleId::Iprange});
  set(addAddrtypeTests, {ModuleId::Addrtype});
  set(addRealmTests, {ModuleId::Realm});
  set(addMacTests, {ModuleId::Mac});
  set(addPkttypeTests, {ModuleId::Pkttype});
  set(addPhysdevTests, {ModuleId::Physdev});
  set(addDevgroupTests, {ModuleId::Devgroup});
  set(addOwnerTests, {ModuleId::Owner});
  set(addTosTests, {ModuleId::Tos});
  set(addDscpTests, {ModuleId::Dscp});
  set(addEcnTests, {ModuleId::Ecn});
  set(addTtlTests, {ModuleId::Ttl, ModuleId::Hl});
  set(addLengthTests, {ModuleId::Length});
  set(addEspTests, {ModuleId::Esp});
  set(addAhTests, {ModuleId::Ah});
  set(addPolicyTests, {ModuleId::Policy});
  set(addOptionsHeaderTests, {ModuleId::Hbh, ModuleId::Dst});
  set(addRoutingHeaderTests, {ModuleId::Rt});
  set(addFragTests, {ModuleId::Frag});
  set(addIpv6headerTests, {ModuleId::Ipv6header});
  set(addMhTests, {ModuleId::Mh});
  set(addSetTests, {ModuleId::Set});
  set(addStatisticTests, {ModuleId::Statistic});
  set(addComment, {ModuleId::Comment});
  return adders;
}();

static void addMatch(RuleBuilder &builder, unsigned module) {
  const Module *known = builder.command.modules[module].module;
  if (!known)
    return addOpaqueTest(builder, module);
  if (available(*known, builder.family)) // said already if not
    kAdders[size_t(known->id)](builder, module);
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
  checkSetsOfTarget(builder);
  addDemands(builder, place);
  builder.rule.broken |= matchWrites(builder);
  if (builder.rule.broken || (builder.overlaps && !decides(builder.rule.target.kind)))
    builder.rule.target.kind = ir::TargetKind::Opaque;
}

} // namespace iptlint::parse
