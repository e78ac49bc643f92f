#include "parse/Normal.h"
#include "parse/NormalPrinter.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/StringSaver.h"
#include <array>

namespace iptlint::parse {

namespace normal {

namespace {
enum class When : uint8_t { Always, Plain };

/// A row of Normal.def: either an option, or a function for several.
struct Row {
  ModuleId module;
  llvm::StringLiteral canonical = "", printed = "";
  Form form = nullptr;
  bool unless = false; ///< not where the value is `value`
  When when = When::Always;
  bool always = false; ///< where there is none, `value`
  llvm::StringLiteral value = "";
  Special special = nullptr;
};
} // namespace

static constexpr Row kRows[] = {
#define PRINT(Module, Canonical, Printed, Form) {ModuleId::Module, Canonical, Printed, Form},
#define PRINT_UNLESS(Module, Canonical, Printed, Form, Which, Value)                                                   \
  {ModuleId::Module, Canonical, Printed, Form, true, When::Which, false, Value},
#define PRINT_ALWAYS(Module, Canonical, Printed, Form, Value)                                                          \
  {ModuleId::Module, Canonical, Printed, Form, false, When::Always, true, Value},
#define SPECIAL(Module, Function) {ModuleId::Module, "", "", nullptr, false, When::Always, false, "", Function},
#include "parse/Normal.def"
};

/// Where each module's rows begin and end in kRows.
static constexpr auto kSpans = [] {
  constexpr size_t kMostModules = 256;
  std::array<std::pair<uint16_t, uint16_t>, kMostModules> spans{};
  for (uint16_t i = 0; i != std::size(kRows); ++i) {
    auto &[begin, end] = spans[size_t(kRows[i].module)];
    if (begin == end)
      begin = i;
    end = i + 1;
  }
  return spans;
}();

static llvm::ArrayRef<Row> rowsOf(ModuleId module) {
  auto [begin, end] = kSpans[size_t(module)];
  return llvm::makeArrayRef(kRows).slice(begin, end - begin);
}

/// Whether the rows say something about each option that the rule has; functions know those of their modules.
static bool coverAll(llvm::ArrayRef<Row> rows, const Printer &printer) {
  if (llvm::any_of(rows, [](const Row &row) { return row.special; }))
    return true;
  return llvm::all_of(printer.uses(), [&](const Use *use) {
    return llvm::any_of(rows, [&](const Row &row) { return use->is(row.canonical); });
  });
}

llvm::SmallVector<const Use *, 8> Printer::uses() const {
  llvm::SmallVector<const Use *, 8> found;
  for (const Use &use : command.uses)
    if (use.module == module && use.option)
      found.push_back(&use);
  return found;
}

llvm::StringRef Printer::value(llvm::StringRef canonical, llvm::StringRef otherwise) const {
  const Use *use = find(canonical);
  return use && !use->values.empty() ? unquoted(use->values[0], memory) : otherwise;
}

Text Printer::text(const Use &use, Form form) const {
  llvm::SmallVector<llvm::StringRef, 2> values;
  for (llvm::StringRef word : use.values)
    values.push_back(unquoted(word, memory));
  return form({values, family});
}

void Printer::add(llvm::StringRef printed, llvm::StringRef value, bool negated) {
  if (negated)
    words.push_back("!");
  words.push_back("--" + printed.str());
  if (value.startswith("\"")) {
    words.push_back(value.str());
    return;
  }
  llvm::SmallVector<llvm::StringRef, 2> parts;
  value.split(parts, ' ', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts)
    words.push_back(part.str());
}

bool Printer::addUse(const Use *use, llvm::StringRef printed, Form form) {
  if (!use)
    return true;
  Text value = form ? text(*use, form) : Text(std::string());
  if (value)
    add(printed, *value, use->negated);
  return value.has_value();
}

static bool print(Printer &printer, const Row &row) {
  if (row.special)
    return row.special(printer);
  const Use *use = printer.find(row.canonical);
  if (!use && !row.always)
    return true;
  if (!row.unless && use)
    return printer.addUse(use, row.printed, row.form);
  llvm::StringRef usual = row.value;
  Text value = use ? printer.text(*use, row.form) : row.form({usual, printer.familyOf()});
  bool hidden = row.unless && value && *value == row.value && (row.when == When::Always || !use->negated);
  if (value && !hidden)
    printer.add(row.printed, *value, use && use->negated);
  return value.has_value();
}

} // namespace normal

std::optional<std::vector<std::string>> normalOptions(const Command &command, unsigned module, packet::Family family,
                                                      llvm::BumpPtrAllocator &memory) {
  const Module *known = command.modules[module].module;
  if (!known)
    return std::nullopt;
  llvm::ArrayRef<normal::Row> rows = normal::rowsOf(known->id);
  normal::Printer printer(command, module, family, memory);
  if (!normal::coverAll(rows, printer))
    return std::nullopt;
  for (const normal::Row &row : rows)
    if (!normal::print(printer, row))
      return std::nullopt;
  return std::move(printer.words);
}

namespace {
class RuleWords {
public:
  RuleWords(const Command &command, packet::Family family, llvm::BumpPtrAllocator &memory)
      : command(command), family(family), memory(memory), saver(memory) {}

  std::vector<std::vector<llvm::StringRef>> make();

private:
  using Words = std::vector<llvm::StringRef>;

  Words asWritten() const;
  std::vector<Words> addressesOf(const Use *use, llvm::StringRef letter);
  std::optional<Words> addressWords(llvm::StringRef text, bool negated, llvm::StringRef letter);
  void addInterface(const Use *use, llvm::StringRef letter);
  void addProtocol();
  void addModule(unsigned module);
  void addTarget();
  void addWritten(const Use &use);
  void add(const llvm::Twine &word) { words.push_back(saver.save(word)); }
  llvm::StringRef value(const Use &use) { return unquoted(use.values[0], memory); }

  const Command &command;
  packet::Family family;
  llvm::BumpPtrAllocator &memory;
  llvm::StringSaver saver;
  Words words; ///< all behind the addresses
};
} // namespace

/// All but the command itself.
RuleWords::Words RuleWords::asWritten() const {
  Words kept(command.words.begin(), command.words.end());
  if (command.verb >= 0) {
    const Use &verb = command.uses[command.verb];
    kept.erase(kept.begin() + verb.begin, kept.begin() + verb.end);
  }
  return kept;
}

void RuleWords::addWritten(const Use &use) {
  words.insert(words.end(), command.words.begin() + use.begin, command.words.begin() + use.end);
}

/// What is printed for one address; no words where every address fits. Nothing for a name.
std::optional<RuleWords::Words> RuleWords::addressWords(llvm::StringRef text, bool negated, llvm::StringRef letter) {
  auto block = parseAddressBlock(text, family);
  if (!block)
    return std::nullopt;
  Words made;
  if (block->mask == 0 && !negated)
    return made;
  if (negated)
    made.push_back("!");
  made.push_back(letter);
  made.push_back(saver.save(packet::addressText(block->address, family) + "/" + normal::maskText(block->mask, family)));
  return made;
}

/// The words for each member of a list; one without words where there is no such option.
std::vector<RuleWords::Words> RuleWords::addressesOf(const Use *use, llvm::StringRef letter) {
  if (!use)
    return {Words()};
  std::vector<Words> all;
  llvm::SmallVector<llvm::StringRef, 4> members;
  value(*use).split(members, ',');
  for (llvm::StringRef member : members) {
    auto made = addressWords(member, use->negated, letter);
    if (!made)
      return {Words(command.words.begin() + use->begin, command.words.begin() + use->end)};
    all.push_back(std::move(*made));
  }
  return all;
}

/// A plain + is every interface, whether negated or not: the program prints nothing for it.
void RuleWords::addInterface(const Use *use, llvm::StringRef letter) {
  if (!use || value(*use) == "+")
    return;
  if (use->negated)
    words.push_back("!");
  words.push_back(letter);
  add(value(*use));
}

void RuleWords::addProtocol() {
  if (!command.protocol || *command.protocol == 0)
    return;
  if (command.protocolNegated)
    words.push_back("!");
  words.push_back("-p");
  add(normal::protocolName(*command.protocol));
}

void RuleWords::addModule(unsigned module) {
  if (auto options = normalOptions(command, module, family, memory)) {
    for (const std::string &word : *options)
      add(word);
    return;
  }
  for (const Use &use : command.uses)
    if (use.module == module)
      addWritten(use);
}

void RuleWords::addTarget() {
  if (command.jump < 0)
    return;
  const Use &jump = command.uses[command.jump];
  words.push_back(jump.is("goto") ? "-g" : "-j");
  add(value(jump));
  if (command.target >= 0)
    addModule(unsigned(command.target));
}

std::vector<std::vector<llvm::StringRef>> RuleWords::make() {
  if (command.broken)
    return {asWritten()};
  addInterface(command.find(0, "in-interface"), "-i");
  addInterface(command.find(0, "out-interface"), "-o");
  addProtocol();
  if (const Use *use = command.find(0, "fragments")) {
    if (use->negated)
      words.push_back("!");
    words.push_back("-f");
  }
  for (unsigned module = 1; module != command.modules.size(); ++module)
    if (int(module) != command.target) {
      const LoadedModule &loaded = command.modules[module];
      words.push_back("-m");
      add(loaded.module ? llvm::StringRef(loaded.module->name) : loaded.name);
      addModule(module);
    }
  addTarget();
  std::vector<Words> rules;
  for (const Words &source : addressesOf(command.find(0, "source"), "-s"))
    for (const Words &destination : addressesOf(command.find(0, "destination"), "-d")) {
      Words &rule = rules.emplace_back(source);
      rule.insert(rule.end(), destination.begin(), destination.end());
      rule.insert(rule.end(), words.begin(), words.end());
    }
  return rules;
}

std::vector<std::vector<llvm::StringRef>> normalWords(const Command &command, packet::Family family,
                                                      llvm::BumpPtrAllocator &memory) {
  return RuleWords(command, family, memory).make();
}

} // namespace iptlint::parse
