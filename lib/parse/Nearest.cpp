#include "parse/Nearest.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

static bool isSwapped(llvm::StringRef word, llvm::StringRef name) {
  if (word.size() != name.size())
    return false;
  size_t at = 0;
  while (at != word.size() && word[at] == name[at])
    ++at;
  return at + 1 < word.size() && word[at] == name[at + 1] && word[at + 1] == name[at] &&
         word.drop_front(at + 2) == name.drop_front(at + 2);
}

bool isNear(llvm::StringRef word, llvm::StringRef name) {
  constexpr size_t kLeast = 3, kLong = 8;
  if (word.size() < kLeast || word == name)
    return false;
  if (word.startswith(name) && llvm::all_of(word.drop_front(name.size()), llvm::isDigit))
    return false;
  unsigned most = word.size() >= kLong ? 2 : 1;
  return isSwapped(word, name) || word.edit_distance(name, /*AllowReplacements=*/true, most) <= most;
}

llvm::StringRef nearestModule(llvm::StringRef name, ModuleKind kind) {
  for (const Module &module : modules().drop_front())
    if (module.kind == kind && isNear(name, module.name))
      return module.name;
  return {};
}

namespace {

/// Looks for an option among modules that are loaded, or among all others.
class OptionFinder {
public:
  OptionFinder(llvm::StringRef name, const Command &command, packet::Family family)
      : name(name), command(command), family(family) {}

  std::string hint() const;

private:
  bool isLoaded(const Module &module) const {
    return llvm::any_of(command.modules, [&](const LoadedModule &loaded) { return loaded.module == &module; });
  }
  const Option *nearest(const Module &module) const;
  const Option *exact(const Module &module) const;
  std::string owners() const;
  std::string nearLoaded() const;
  std::string nearOthers() const;

  llvm::StringRef name;
  const Command &command;
  packet::Family family;
};

} // namespace

const Option *OptionFinder::exact(const Module &module) const {
  auto options = optionsOf(module.id);
  auto *found = llvm::find_if(options, [&](const Option &option) { return option.name == name; });
  return found == options.end() ? nullptr : found;
}

const Option *OptionFinder::nearest(const Module &module) const {
  const Option *best = nullptr;
  unsigned least = ~0u;
  for (const Option &option : optionsOf(module.id)) {
    unsigned distance = isNear(name, option.name) ? name.edit_distance(option.name) : ~0u;
    if (distance < least) {
      least = distance;
      best = &option;
    }
  }
  return best;
}

/// How a rule loads a module.
static std::string loading(const Module &module) {
  static constexpr ModuleId protocols[] = {ModuleId::Tcp,  ModuleId::Udp,   ModuleId::Sctp, ModuleId::Dccp,
                                           ModuleId::Icmp, ModuleId::Icmp6, ModuleId::Mh,   ModuleId::Esp};
  const char *option = module.kind == ModuleKind::Target          ? "-j"
                       : llvm::is_contained(protocols, module.id) ? "-p"
                                                                  : "-m";
  return fmt::format("{} {}", option, module.name);
}

/// "'--dport' is an option of tcp, udp and sctp; -p tcp missing?".
std::string OptionFinder::owners() const {
  llvm::SmallVector<const Module *, 4> found;
  for (const Module &module : modules().drop_front())
    if (available(module, family) && !isLoaded(module) && exact(module))
      found.push_back(&module);
  if (found.empty())
    return "";
  std::string names;
  for (size_t i = 0; i != found.size(); ++i)
    names += fmt::format("{}{}", i == 0 ? "" : i + 1 == found.size() ? " and " : ", ", found[i]->name);
  return fmt::format("; '--{}' is an option of {}, and '{}' is missing or behind it", name, names,
                     loading(*found.front()));
}

std::string OptionFinder::nearLoaded() const {
  for (const LoadedModule &loaded : llvm::reverse(command.modules))
    if (loaded.module)
      if (const Option *option = nearest(*loaded.module))
        return fmt::format("; did you mean '--{}'?", option->name);
  return "";
}

std::string OptionFinder::nearOthers() const {
  for (const Module &module : modules().drop_front())
    if (available(module, family) && !isLoaded(module))
      if (const Option *option = nearest(module))
        return fmt::format("; did you mean '--{}' of '{}'?", option->name, loading(module));
  return "";
}

std::string OptionFinder::hint() const {
  for (auto find : {&OptionFinder::owners, &OptionFinder::nearLoaded, &OptionFinder::nearOthers})
    if (std::string text = (this->*find)(); !text.empty())
      return text;
  return "";
}

std::string optionHint(llvm::StringRef name, const Command &command, packet::Family family) {
  return OptionFinder(name, command, family).hint();
}

} // namespace iptlint::parse
