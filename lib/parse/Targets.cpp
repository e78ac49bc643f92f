// Targets: what a rule does with the packets it matches.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::TargetKind;
using ir::Write;
using packet::Field;
using packet::Value;

constexpr Value kAllMark = 0xffffffff;

/// A field of which nothing is known afterwards.
static Write anything(Field field) { return {field, /*known=*/false, 0, 0}; }

static Write markWrite(uint32_t clear, uint32_t flip) { return {Field::Mark, true, kAllMark & ~Value(clear), flip}; }

/// The number that one of MARK's options names; nothing, and a finding, where it is none.
static std::optional<MarkMask> markValue(RuleBuilder &builder, const Use &use) {
  auto value = parseMarkMask(builder.value(use));
  if (!value)
    builder.refuse(use, "mark");
  return value;
}

/// new = (old & ~mask) ^ value, which all forms of MARK come down to.
static void addMark(RuleBuilder &builder, unsigned module) {
  for (const Use &use : builder.command.uses) {
    if (use.module != module)
      continue;
    auto mark = markValue(builder, use);
    if (!mark)
      return;
    ir::Target &target = builder.rule.target;
    if (use.is("set-xmark"))
      target.writes.push_back(markWrite(mark->mask, mark->value));
    else if (use.is("set-mark"))
      target.writes.push_back(markWrite(mark->value | mark->mask, mark->value));
    else if (use.is("and-mark"))
      target.writes.push_back(markWrite(~mark->value, 0));
    else if (use.is("or-mark"))
      target.writes.push_back(markWrite(mark->value, mark->value));
    else
      target.writes.push_back(markWrite(0, mark->value));
    return;
  }
  builder.error(builder.command.modules[module].at, "'MARK' needs an option that says which mark");
}

/// --restore-mark: new = (old & ~nfmask) ^ (the flow's mark & ctmask), shifted where a shift is given.
static void addRestoredMark(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  uint64_t touched = 0;
  bool masked = false;
  for (llvm::StringRef option : {"mask", "nfmask", "ctmask"})
    if (const Use *use = command.find(module, option)) {
      touched |= parseNumber(builder.value(*use), 0xffffffff).value_or(0xffffffff);
      masked |= option == "mask";
    }
  bool both = masked || (command.find(module, "nfmask") && command.find(module, "ctmask"));
  bool shifted = command.find(module, "left-shift-mark") || command.find(module, "right-shift-mark");
  Value keep = both && !shifted ? kAllMark & ~Value(touched) : 0;
  builder.rule.target.writes.push_back({Field::Mark, /*known=*/false, keep, 0});
}

/// What targets that let the packet go on do to fields.
static void addWrites(RuleBuilder &builder, unsigned module) {
  ir::Target &target = builder.rule.target;
  switch (builder.command.modules[module].module->id) {
  case ModuleId::MarkTarget:
    return addMark(builder, module);
  case ModuleId::ConnmarkTarget:
    if (!builder.command.find(module, "restore-mark"))
      return;
    target.rewritesUnmodelled = false; // the flow's own mark stays
    return addRestoredMark(builder, module);
  case ModuleId::Hmark:
    target.writes.push_back(anything(Field::Mark));
    return;
  case ModuleId::SetTarget:
    if (builder.command.find(module, "map-mark"))
      target.writes.push_back(anything(Field::Mark));
    return;
  case ModuleId::Ct:
  case ModuleId::Notrack:
    target.writes.push_back(anything(Field::CtState));
    return;
  case ModuleId::Snpt:
    target.writes = {anything(Field::Src), anything(Field::SrcType)};
    return;
  case ModuleId::Dnpt:
    target.writes = {anything(Field::Dst), anything(Field::DstType)};
    return;
  default:
    return;
  }
}

/// The words of the target's options, in the order written, joined by single blanks.
static llvm::StringRef optionsText(RuleBuilder &builder, unsigned module) {
  llvm::SmallVector<llvm::StringRef, 8> words;
  const Command &command = builder.command;
  for (const Use &use : command.uses)
    if (use.module == module)
      words.append(command.words.begin() + use.begin, command.words.begin() + use.end);
  if (words.empty())
    return {};
  for (unsigned i = 1; i != words.size(); ++i)
    if (words[i].begin() != words[i - 1].end() + 1 || words[i - 1].end()[0] != ' ')
      return builder.strings.save(llvm::join(words, " "));
  return {words.front().begin(), size_t(words.back().end() - words.front().begin())};
}

static void addExtension(RuleBuilder &builder, unsigned index) {
  const LoadedModule &loaded = builder.command.modules[index];
  ir::Target &target = builder.rule.target;
  target.kind = loaded.module->target;
  target.name = loaded.module->name;
  target.options = optionsText(builder, index);
  target.rewritesUnmodelled = loaded.module->rewrites;
  addWrites(builder, index);
}

void addTarget(RuleBuilder &builder) {
  const Command &command = builder.command;
  if (command.jump < 0)
    return;
  const Use &use = command.uses[command.jump];
  if (use.is("jump") && command.target >= 0)
    return addExtension(builder, unsigned(command.target));
  builder.rule.target.kind = use.is("goto") ? TargetKind::Goto : TargetKind::Jump;
  builder.rule.target.name = builder.value(use);
  if (builder.rule.target.name.empty())
    builder.error(use.values[0], "a target without a name");
}

} // namespace iptlint::parse
