#include "parse/Options.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <array>

namespace iptlint::parse {

static constexpr Module kModules[] = {
#define MATCH(Id, Name, Only, State, Complementable, Reason)                                                           \
  {ModuleId::Id, ModuleKind::Match, Name, Families::Only, OptionState::State, Complementable, ir::TargetKind::None,    \
   false, Reason},
#define TARGET(Id, Name, Only, Kind, Rewrites, Reason)                                                                 \
  {ModuleId::Id, ModuleKind::Target, Name, Families::Only, OptionState::Effect, false, ir::TargetKind::Kind, Rewrites, \
   Reason},
#include "parse/Options.def"
};
static constexpr size_t kModuleCount = std::size(kModules);

static constexpr Option kOptions[] = {
#define OPTION(Owner, Name, Canonical, Kind, Flags, Min, Max, State)                                                   \
  {ModuleId::Owner, Name, Canonical, ValueKind::Kind, Flags, Min, Max, OptionState::State},
#include "parse/Options.def"
};

/// Where each module's options begin and end in kOptions.
static constexpr auto kSpans = [] {
  std::array<std::pair<uint16_t, uint16_t>, kModuleCount> spans{};
  for (uint16_t i = 0; i != std::size(kOptions); ++i) {
    auto &[begin, end] = spans[size_t(kOptions[i].module)];
    if (begin == end)
      begin = i;
    end = i + 1;
  }
  return spans;
}();

// The names once more, since a StringLiteral cannot be read while compiling.
static constexpr std::string_view kModuleNames[] = {
#define MATCH(Id, Name, ...) Name,
#define TARGET(Id, Name, ...) Name,
#include "parse/Options.def"
};
static constexpr std::string_view kCanonicalNames[] = {
#define OPTION(Module, Name, Canonical, ...) Canonical,
#include "parse/Options.def"
};

/// The modules of one kind, sorted by name.
template <ModuleKind Kind> static constexpr auto kByName = [] {
  std::array<uint8_t, kModuleCount> order{};
  size_t count = 0;
  for (size_t i = 1; i != kModuleCount; ++i)
    if (kModules[i].kind == Kind)
      order[count++] = uint8_t(i);
  std::sort(order.begin(), order.begin() + count,
            [](uint8_t left, uint8_t right) { return kModuleNames[left] < kModuleNames[right]; });
  return std::pair(order, count);
}();

template <ModuleKind Kind> static const Module *find(llvm::StringRef name) {
  const auto &[order, count] = kByName<Kind>;
  auto sorted = llvm::makeArrayRef(order.data(), count);
  auto at = llvm::partition_point(sorted, [&](uint8_t i) { return kModules[i].name < name; });
  return at != sorted.end() && kModules[*at].name == name ? &kModules[*at] : nullptr;
}

llvm::ArrayRef<Module> modules() { return kModules; }

llvm::ArrayRef<Option> optionsOf(ModuleId module) {
  auto [begin, end] = kSpans[size_t(module)];
  return llvm::makeArrayRef(kOptions).slice(begin, end - begin);
}

const Module *findMatch(llvm::StringRef name) {
  if (name == "icmpv6" || name == "ipv6-icmp")
    name = "icmp6";
  return find<ModuleKind::Match>(name);
}

const Module *findTarget(llvm::StringRef name) { return find<ModuleKind::Target>(name); }

static constexpr struct {
  char letter;
  std::string_view canonical;
} kShorts[] = {
#define SHORT(Letter, Canonical) {Letter, Canonical},
#include "parse/Options.def"
};

/// Base's option of each letter, as an index into kOptions; 0xff: none.
static constexpr auto kByLetter = [] {
  std::array<uint8_t, 128> byLetter{};
  byLetter.fill(0xff);
  auto [begin, end] = kSpans[size_t(ModuleId::Base)];
  for (const auto &entry : kShorts)
    for (uint16_t i = end; i-- != begin;)
      if (kCanonicalNames[i] == entry.canonical)
        byLetter[size_t(entry.letter)] = uint8_t(i);
  return byLetter;
}();

const Option *findShort(char letter) {
  if (letter < 0 || kByLetter[size_t(letter)] == 0xff)
    return nullptr;
  return &kOptions[kByLetter[size_t(letter)]];
}

bool available(const Module &module, packet::Family family) {
  return module.families == Families::Both ||
         (module.families == Families::IPv4) == (family == packet::Family::IPv4);
}

} // namespace iptlint::parse
