// Conditions that are not modelled: what is known of them, and the text that tells them apart.
//
// The same module with the same options in the same order has the same text:
// abbreviated names are written out, quotes are set the same way.
#include "parse/Normal.h"
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

static bool hasState(OptionState state) {
  return state == OptionState::Stateful;
}

static ir::Opacity opacityOf(const RuleBuilder &builder, unsigned module) {
  const Module *known = builder.command.modules[module].module;
  bool state = !known || hasState(known->state);
  for (const Use &use : builder.command.uses)
    if (use.module == module && use.option)
      state |= hasState(use.option->state);
  return state ? ir::Opacity::Stateful : ir::Opacity::Function;
}

/// The one option that `!` could stand before, with the `!` set; null where there is another, or none.
static const Use *onlyNegation(const RuleBuilder &builder, unsigned module) {
  const Use *only = nullptr;
  for (const Use &use : builder.command.uses) {
    if (use.module != module || !use.option || !use.option->has(kNegatable))
      continue;
    if (only)
      return nullptr;
    only = &use;
  }
  return only && only->negated ? only : nullptr;
}

static void appendWord(llvm::SmallVectorImpl<char> &text, llvm::StringRef word) {
  llvm::raw_svector_ostream out(text);
  bool plain = !word.empty() && word.find_first_of(" \t\"\\") == llvm::StringRef::npos;
  if (plain) {
    out << ' ' << word;
    return;
  }
  out << " \"";
  for (char c : word) {
    if (c == '"' || c == '\\')
      out << '\\';
    out << c;
  }
  out << '"';
}

static void appendUse(RuleBuilder &builder, const Use &use, bool negated, llvm::SmallVectorImpl<char> &text) {
  llvm::raw_svector_ostream out(text);
  if (negated)
    out << " !";
  if (use.option)
    out << " --" << use.option->canonical;
  else
    out << ' ' << use.word;
  for (unsigned i = 0; i != use.values.size(); ++i)
    appendWord(text, builder.value(use, i));
}

void addOpaqueTest(RuleBuilder &builder, unsigned module) {
  const LoadedModule &loaded = builder.command.modules[module];
  llvm::StringRef name = loaded.module ? llvm::StringRef(loaded.module->name) : loaded.name;
  const Use *negation = loaded.module && loaded.module->complementable ? onlyNegation(builder, module) : nullptr;
  llvm::SmallString<128> text("-m ");
  text += name;
  llvm::StringRef option = builder.strings.save(text.str());
  auto normal = builder.normalTexts && !negation
                    ? normalOptions(builder.command, module, builder.family, builder.memory)
                    : std::nullopt;
  if (normal)
    text += " " + llvm::join(*normal, " ");
  for (const Use &use : builder.command.uses)
    if (use.module == module && !normal)
      appendUse(builder, use, use.negated && &use != negation, text);
  builder.rule.tests.push_back(
      ir::OpaqueTest{opacityOf(builder, module), negation != nullptr, builder.strings.save(text.str()), option});
}

void addOpaqueOption(RuleBuilder &builder, const Use &use) {
  llvm::StringRef name = builder.command.modules[use.module].module->name;
  llvm::SmallString<128> text("-m ");
  text += name;
  appendUse(builder, use, /*negated=*/false, text);
  auto opacity = hasState(use.option->state) ? ir::Opacity::Stateful : ir::Opacity::Function;
  llvm::StringRef option = builder.strings.save("-m " + name + " --" + use.option->canonical);
  builder.rule.tests.push_back(ir::OpaqueTest{opacity, use.negated, builder.strings.save(text.str()), option});
}

} // namespace iptlint::parse
