// What the options of a module demand of each other, and enumerated values: what Relations.def says.
#include "parse/Tests.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
#include <fmt/format.h>

namespace iptlint::parse {

namespace {

struct OneOfRow {
  ModuleId module;
  llvm::StringLiteral names;
};

struct PairRow {
  ModuleId module;
  llvm::StringLiteral first, second;
};

struct NeedAnyRow {
  ModuleId module;
  llvm::StringLiteral option, names;
};

enum class Spelling : uint8_t { Exact, AnyCase };
enum class List : uint8_t { No, Yes, Loose };

struct WordsRow {
  ModuleId module;
  llvm::StringLiteral option;
  Spelling spelling;
  List list;
  llvm::StringLiteral words;
};

} // namespace

static constexpr OneOfRow kOneOf[] = {
#define ONE_OF(Id, Names) {ModuleId::Id, Names},
#include "parse/Relations.def"
};

static constexpr PairRow kExcluding[] = {
#define EXCLUDE(Id, First, Second) {ModuleId::Id, First, Second},
#include "parse/Relations.def"
};

static constexpr PairRow kNeeding[] = {
#define NEED(Id, Option, Other) {ModuleId::Id, Option, Other},
#include "parse/Relations.def"
};

static constexpr NeedAnyRow kNeedingAny[] = {
#define NEED_ANY(Id, Option, Names) {ModuleId::Id, Option, Names},
#include "parse/Relations.def"
};

static constexpr WordsRow kWords[] = {
#define WORDS(Id, Option, How, Several, Words) {ModuleId::Id, Option, Spelling::How, List::Several, Words},
#include "parse/Relations.def"
};

/// Whether any row is about a module, so that most rules cost nothing.
static constexpr auto kConcerned = [] {
  std::array<bool, 256> concerned{};
#define ONE_OF(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#define EXCLUDE(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#define NEED(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#define NEED_ANY(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#define WORDS(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#include "parse/Relations.def"
  return concerned;
}();

static llvm::SmallVector<llvm::StringRef, 16> split(llvm::StringRef words) {
  llvm::SmallVector<llvm::StringRef, 16> parts;
  words.split(parts, ' ');
  return parts;
}

/// "'--a', '--b' or '--c'".
static std::string listed(llvm::ArrayRef<llvm::StringRef> words, llvm::StringRef dashes) {
  std::string text;
  for (size_t i = 0; i != words.size(); ++i)
    text += fmt::format("{}'{}{}'", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", dashes, words[i]);
  return text;
}

static void checkOneOf(RuleBuilder &builder, unsigned module, llvm::StringRef names) {
  auto options = split(names);
  if (llvm::any_of(options, [&](llvm::StringRef option) { return builder.command.find(module, option); }))
    return;
  const LoadedModule &loaded = builder.command.modules[module];
  builder.error(loaded.at, fmt::format("'{}' needs {}", loaded.name, listed(options, "--")));
}

static void checkExcluding(RuleBuilder &builder, unsigned module, const PairRow &row) {
  const Use *first = builder.command.find(module, row.first), *second = builder.command.find(module, row.second);
  if (!first || !second)
    return;
  if (second->begin < first->begin)
    std::swap(first, second);
  builder.error(second->word, fmt::format("'{}' and '{}' exclude each other", first->word, second->word));
}

static void checkNeeding(RuleBuilder &builder, unsigned module, const PairRow &row) {
  const Use *use = builder.command.find(module, row.first);
  if (use && !builder.command.find(module, row.second))
    builder.error(use->word, fmt::format("'{}' needs '--{}' beside it", use->word, row.second));
}

static void checkWords(RuleBuilder &builder, unsigned module, const WordsRow &row) {
  const Use *use = builder.command.find(module, row.option);
  if (!use || use->values.empty())
    return;
  auto words = split(row.words);
  llvm::SmallVector<llvm::StringRef, 8> members{builder.value(*use)};
  if (row.list != List::No) {
    members.clear();
    builder.value(*use).split(members, ',', -1, /*KeepEmpty=*/row.list != List::Loose);
  }
  for (llvm::StringRef member : members) {
    bool known = llvm::any_of(words, [&](llvm::StringRef word) {
      return row.spelling == Spelling::AnyCase ? word.equals_insensitive(member) : word == member;
    });
    if (!known)
      return builder.error(use->values[0], fmt::format("'{}' is no value for '--{}'; {} may stand here", member,
                                                       row.option, listed(words, "")));
  }
}

static void checkNeedingAny(RuleBuilder &builder, unsigned module, const NeedAnyRow &row) {
  const Use *use = builder.command.find(module, row.option);
  auto options = split(row.names);
  if (use && llvm::none_of(options, [&](llvm::StringRef option) { return builder.command.find(module, option); }))
    builder.error(use->word, fmt::format("'{}' needs {} beside it", use->word, listed(options, "--")));
}

static void checkModule(RuleBuilder &builder, unsigned module) {
  ModuleId id = builder.command.modules[module].module->id;
  for (const OneOfRow &row : kOneOf)
    if (row.module == id)
      checkOneOf(builder, module, row.names);
  for (const PairRow &row : kExcluding)
    if (row.module == id)
      checkExcluding(builder, module, row);
  for (const PairRow &row : kNeeding)
    if (row.module == id)
      checkNeeding(builder, module, row);
  for (const WordsRow &row : kWords)
    if (row.module == id)
      checkWords(builder, module, row);
  for (const NeedAnyRow &row : kNeedingAny)
    if (row.module == id)
      checkNeedingAny(builder, module, row);
}

void checkRelations(RuleBuilder &builder) {
  if (builder.command.broken)
    return;
  for (unsigned module = 1; module != builder.command.modules.size(); ++module) {
    const Module *known = builder.command.modules[module].module;
    if (!known || !available(*known, builder.family))
      continue;
    if (kConcerned[size_t(known->id)])
      checkModule(builder, module);
    checkCombinations(builder, module);
  }
}

} // namespace iptlint::parse
