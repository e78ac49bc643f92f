// What targets that let the packet go on write to the fields of packets and flows.
//
// Left out is what ends a table (DNAT, TPROXY ...): nobody reads there what it wrote. Written fields whose new value
// hangs on more than fields (the route's MTU, a set, a hash) become unknown.
#include "parse/Tests.h"
#include "parse/TrafficClass.h"
#include "parse/Values.h"

namespace iptlint::parse {

using ir::Write;
using packet::Field;
using packet::Value;

constexpr Value kAllMark = 0xffffffff, kAllTos = 0xff;

static void addWrite(RuleBuilder &builder, const Write &write) {
  builder.rule.target.writes.push_back(write);
}

/// The option of a target that says what it does; a finding where there is none.
static const Use *action(RuleBuilder &builder, unsigned module, llvm::StringRef what) {
  for (const Use &use : builder.command.uses)
    if (use.module == module)
      return &use;
  const LoadedModule &target = builder.command.modules[module];
  builder.error(target.at, ("'" + target.module->name + "' needs an option that says which " + what).str());
  return nullptr;
}

// --- marks

/// new = (old & ~clear) ^ flip, which all forms of setting a mark come down to; nothing where \p use is none of them.
struct MarkChange {
  uint32_t clear, flip;
};
static std::optional<MarkChange> markChange(RuleBuilder &builder, const Use &use) {
  auto mark = parseMarkMask(builder.value(use));
  if (!mark) {
    builder.refuse(use, "mark");
    return std::nullopt;
  }
  if (use.is("set-xmark"))
    return MarkChange{mark->mask, mark->value};
  if (use.is("set-mark"))
    return MarkChange{mark->value | mark->mask, mark->value};
  if (use.is("and-mark"))
    return MarkChange{~mark->value, 0};
  if (use.is("or-mark"))
    return MarkChange{mark->value, mark->value};
  return MarkChange{0, mark->value};
}

static void addMarkWrite(RuleBuilder &builder, unsigned module) {
  if (const Use *use = action(builder, module, "mark"))
    if (auto change = markChange(builder, *use))
      addWrite(builder, {.field = Field::Mark, .keep = kAllMark & ~Value(change->clear), .flip = change->flip});
}

/// Whether any of CONNMARK's options shifts.
static int shiftOf(RuleBuilder &builder, unsigned module) {
  for (auto [name, sign] : {std::pair("left-shift-mark", 1), std::pair("right-shift-mark", -1)})
    if (const Use *use = builder.command.find(module, name))
      return sign * int(parseNumber(builder.value(*use), 32).value_or(0));
  return 0;
}

static uint32_t shifted(uint32_t mask, int shift) {
  return uint32_t(shift < 0 ? Value(mask) >> -shift : Value(mask) << shift);
}

/// The mask that \p name or `--mask` gives; all bits where none does.
static uint32_t copyMask(RuleBuilder &builder, unsigned module, llvm::StringRef name) {
  uint32_t mask = uint32_t(kAllMark);
  for (llvm::StringRef option : {llvm::StringRef("mask"), name})
    if (const Use *use = builder.command.find(module, option))
      mask = uint32_t(parseNumber(builder.value(*use), kAllMark).value_or(kAllMark));
  return mask;
}

/// to = (to & ~cleared) ^ shifted(from & taken). Bits that are kept and turned round by what is copied become
/// unknown, and so does what is shifted.
static void addCopy(RuleBuilder &builder, Field to, uint32_t cleared, Field from, uint32_t taken, int shift) {
  uint32_t arrives = shifted(taken, shift);
  if (shift != 0 || (taken & ~cleared) != 0)
    return addWrite(builder,
                    Write::anything(to, cleared == 0 && arrives == 0 ? kAllMark : kAllMark & ~Value(cleared | arrives)));
  addWrite(builder, {.field = to, .keep = kAllMark & ~Value(cleared), .from = from, .copy = taken});
}

/// Packets without a flow are let alone. Source: net/netfilter/xt_connmark.c, connmark_tg_shift().
static void addFlowMarkWrite(RuleBuilder &builder, unsigned module) {
  const Use *use = nullptr;
  for (llvm::StringRef option :
       {"save-mark", "restore-mark", "set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"})
    if (!use)
      use = builder.command.find(module, option);
  if (!use && !(use = action(builder, module, "mark")))
    return;
  int shift = shiftOf(builder, module);
  uint32_t inFlow = copyMask(builder, module, "ctmask"), inPacket = copyMask(builder, module, "nfmask");
  if (use->is("save-mark"))
    addCopy(builder, Field::ConnMark, inFlow, Field::Mark, inPacket, shift);
  else if (use->is("restore-mark"))
    addCopy(builder, Field::Mark, inPacket, Field::ConnMark, inFlow, shift);
  else if (shift != 0)
    addWrite(builder, Write::anything(Field::ConnMark));
  else if (auto change = markChange(builder, *use))
    addWrite(builder, {.field = Field::ConnMark, .keep = kAllMark & ~Value(change->clear), .flip = change->flip});
  ir::Target &target = builder.rule.target;
  if (!target.writes.empty() && target.writes.front().known)
    target.writesIf = ir::RangeTest{Field::CtState, std::nullopt, false, {{0, Value(packet::CtState::Invalid) - 1}}};
}

// --- the state

/// A packet that has a flow, or was said to be untracked, is let alone: it keeps its state. One that conntrack has not
/// seen becomes UNTRACKED, or gets a template that looks like a new flow between nowhere and nowhere.
/// Source: net/netfilter/xt_CT.c, xt_ct_target() and xt_ct_tg_check(); nf_conntrack_core.c, nf_ct_tmpl_alloc().
static void addStateWrite(RuleBuilder &builder, bool untracked) {
  constexpr Value kConfirmed = 8;
  auto unseen = Value(packet::CtState::Invalid);
  builder.rule.target.writesIf = ir::RangeTest{Field::CtState, std::nullopt, false, {{unseen, unseen}}};
  if (untracked)
    return addWrite(builder, Write::constant(Field::CtState, Value(packet::CtState::Untracked)));
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    if (Field field = Field(i); packet::isOfFlow(field))
      addWrite(builder, Write::constant(field, field == Field::CtStatus ? kConfirmed : 0));
}

// --- headers

/// Source: net/netfilter/xt_DSCP.c, tos_tg(): new = (old & ~mask) ^ value.
static void addTosWrite(RuleBuilder &builder, unsigned module) {
  const Use *use = action(builder, module, "type of service");
  if (!use)
    return;
  auto tos = use->is("set-tos") ? parseTos(builder.value(*use)) : parseMarkMask(builder.value(*use));
  if (!tos || tos->value > kAllTos)
    return builder.refuse(*use, "type of service");
  Value clear = use->is("set-tos") ? tos->mask : use->is("and-tos") ? ~tos->value : use->is("or-tos") ? tos->value : 0;
  addWrite(builder,
           {.field = Field::Tos, .keep = kAllTos & ~clear, .flip = use->is("and-tos") ? 0 : Value(tos->value)});
}

static void addDscpWrite(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kMost = 63;
  const Use *use = action(builder, module, "class");
  if (!use)
    return;
  bool byName = use->is("set-dscp-class");
  std::optional<uint64_t> dscp = byName ? parseDscpClass(builder.value(*use)) : parseNumber(builder.value(*use), kMost);
  if (!dscp)
    return builder.refuse(*use, byName ? "class of DSCP" : "DSCP from 0 to 63");
  addWrite(builder, {.field = Field::Tos, .keep = 3, .flip = Value(*dscp) << 2});
}

/// Source: net/ipv4/netfilter/ipt_ECN.c.
static void addEcnWrites(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kEce = 64, kCwr = 128;
  const Command &command = builder.command;
  if (!action(builder, module, "bits"))
    return;
  auto setFlag = [&](unsigned flag, Value value) {
    addWrite(builder, {.field = Field::TcpFlags, .keep = kAllTos & ~Value(flag), .flip = value ? flag : 0});
  };
  auto numberOf = [&](llvm::StringRef option, uint64_t most) -> std::optional<uint64_t> {
    const Use *use = command.find(module, option);
    return use ? parseNumber(builder.value(*use), most) : std::nullopt;
  };
  if (command.find(module, "ecn-tcp-remove"))
    setFlag(kEce | kCwr, 0);
  if (auto value = numberOf("ecn-tcp-ece", 1))
    setFlag(kEce, *value);
  if (auto value = numberOf("ecn-tcp-cwr", 1))
    setFlag(kCwr, *value);
  if (auto value = numberOf("ecn-ip-ect", 3))
    addWrite(builder, {.field = Field::Tos, .keep = 0xfc, .flip = *value});
}

/// Adding and subtracting stop at 255 and 0; that is no matter of single bits, so the value becomes unknown.
static void addTtlWrite(RuleBuilder &builder, unsigned module, llvm::StringRef set) {
  const Use *use = action(builder, module, "value");
  if (!use)
    return;
  auto value = parseNumber(builder.value(*use), 0xff);
  addWrite(builder, use->is(set) && value ? Write::constant(Field::Ttl, *value) : Write::anything(Field::Ttl));
}

void addWrites(RuleBuilder &builder, unsigned module) {
  ir::Target &target = builder.rule.target;
  switch (builder.command.modules[module].module->id) {
  case ModuleId::MarkTarget:
    return addMarkWrite(builder, module);
  case ModuleId::ConnmarkTarget:
    return addFlowMarkWrite(builder, module);
  case ModuleId::Hmark:
    return addWrite(builder, Write::anything(Field::Mark));
  case ModuleId::SetTarget:
    if (builder.command.find(module, "map-mark"))
      addWrite(builder, Write::anything(Field::Mark));
    return;
  case ModuleId::Ct:
    return addStateWrite(builder, builder.command.find(module, "notrack") != nullptr);
  case ModuleId::Notrack:
    return addStateWrite(builder, true);
  case ModuleId::TosTarget:
    return addTosWrite(builder, module);
  case ModuleId::DscpTarget:
    return addDscpWrite(builder, module);
  case ModuleId::EcnTarget:
    return addEcnWrites(builder, module);
  case ModuleId::TtlTarget:
    return addTtlWrite(builder, module, "ttl-set");
  case ModuleId::HlTarget:
    return addTtlWrite(builder, module, "hl-set");
  case ModuleId::TcpmssTarget: // the option is added where it is missing
    return addWrite(builder, Write::anything(Field::Length));
  case ModuleId::Snpt:
    target.writes = {Write::anything(Field::Src), Write::anything(Field::SrcType)};
    return;
  case ModuleId::Dnpt:
    target.writes = {Write::anything(Field::Dst), Write::anything(Field::DstType)};
    return;
  default:
    return;
  }
}

} // namespace iptlint::parse
