// Targets: what a rule does with the packets it matches.
#include "parse/Normal.h"
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::TargetKind;

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

/// The same as iptables-save prints them; as they are written where that is not known.
static llvm::StringRef normalText(RuleBuilder &builder, unsigned module) {
  auto words = normalOptions(builder.command, module, builder.family, builder.memory);
  return words ? builder.strings.save(llvm::join(*words, " ")) : optionsText(builder, module);
}

/// By the one name that iptables-save has for it, and where none is given, the usual one.
static void addAnswer(RuleBuilder &builder, unsigned module) {
  auto words = normalOptions(builder.command, module, builder.family, builder.memory);
  if (words && words->size() == 2)
    builder.rule.target.answer = builder.strings.save(words->back());
}

static void addExtension(RuleBuilder &builder, unsigned index) {
  const LoadedModule &loaded = builder.command.modules[index];
  ir::Target &target = builder.rule.target;
  target.kind = loaded.module->target;
  target.name = loaded.module->name;
  target.options = builder.normalTexts ? normalText(builder, index) : optionsText(builder, index);
  target.rewritesUnmodelled = loaded.module->rewrites;
  addWrites(builder, index);
  addHandsOn(builder, index);
  addNat(builder, index);
  if (target.name == "REJECT")
    addAnswer(builder, index);
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
