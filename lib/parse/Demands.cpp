// What a rule demands of its table, of the hooks that lead to it and of its own protocol: what Places.def says of the
// modules and options in it.
#include "parse/Tests.h"
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
#include <fmt/format.h>

namespace iptlint::parse {

namespace {

/// How the nft back end asks; Free: for neither tables nor hooks.
enum class Nft : uint8_t { Nowhere, Directly, Through, Free };

struct PlaceRow {
  ModuleId module;
  llvm::StringLiteral option, value, tables, hooks;
  Nft nft;
};

struct ProtocolRow {
  ModuleId module;
  llvm::StringLiteral option, value, names;
  uint8_t numbers[5]; ///< 0 behind the last
};

} // namespace

static constexpr PlaceRow kPlaces[] = {
#define PLACE(Id, Option, Value, Tables, Hooks, How) {ModuleId::Id, Option, Value, Tables, Hooks, Nft::How},
#include "parse/Places.def"
};

static constexpr ProtocolRow kProtocols[] = {
#define PROTOCOL(Id, Option, Value, Names, ...) {ModuleId::Id, Option, Value, Names, {__VA_ARGS__}},
#include "parse/Places.def"
};

/// Whether any row is about a module, so that most rules cost nothing.
static constexpr auto kConcerned = [] {
  std::array<bool, 256> concerned{};
#define PLACE(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#define PROTOCOL(Id, ...) concerned[size_t(ModuleId::Id)] = true;
#include "parse/Places.def"
  return concerned;
}();

static constexpr llvm::StringLiteral kHookLetters = "PIFOT";

static uint8_t hooksOf(llvm::StringRef letters) {
  uint8_t hooks = 0;
  for (char letter : letters)
    hooks |= uint8_t(1u << kHookLetters.find(letter));
  return hooks;
}

namespace {

class DemandWriter {
public:
  DemandWriter(RuleBuilder &builder, const Place &place) : builder(builder), place(place) {}

  void add(unsigned module);
  void addInterfaces();

private:
  /// The use of a row's option in a module, or its module itself; nothing where the row is not about this rule.
  struct Subject {
    llvm::StringRef at, what;
  };
  std::optional<Subject> subjectOf(unsigned module, llvm::StringRef option, llvm::StringRef value) const;
  void addPlace(const PlaceRow &row, unsigned module, Subject subject);
  void addProtocol(const ProtocolRow &row, Subject subject);
  void addMissing(Subject subject, llvm::StringRef missing);
  void addSynFlag(unsigned module);
  void addNatPorts(unsigned module);
  ir::Demand demand(Subject subject) const { return {.at = builder.findings.source.rangeOf(subject.at), .what = subject.what}; }
  void push(ir::Demand demand) { builder.rule.demands.push_back(demand); }

  RuleBuilder &builder;
  const Place &place;
};

} // namespace

std::optional<DemandWriter::Subject> DemandWriter::subjectOf(unsigned module, llvm::StringRef option,
                                                             llvm::StringRef value) const {
  const LoadedModule &loaded = builder.command.modules[module];
  if (option.empty())
    return Subject{loaded.at, loaded.module->kind == ModuleKind::Target
                                  ? llvm::StringRef(loaded.module->name)
                                  : builder.strings.save("-m " + loaded.module->name)};
  const Use *use = builder.command.find(module, option);
  if (!use || (!value.empty() && builder.value(*use) != value))
    return std::nullopt;
  std::string what = value.empty() ? fmt::format("--{}", option) : fmt::format("--{} {}", option, value);
  return Subject{use->word, builder.strings.save(what)};
}

/// Bridged traffic has its ports at every hook.
static bool bridgedOnly(const Command &command, unsigned module) {
  const Use *bridged = command.find(module, "physdev-is-bridged");
  return bridged && !bridged->negated;
}

void DemandWriter::addPlace(const PlaceRow &row, unsigned module, Subject subject) {
  if (row.module == ModuleId::Physdev && bridgedOnly(builder.command, module))
    return;
  ir::Demand made = demand(subject);
  uint8_t hooks = hooksOf(row.hooks);
  made.tables = row.tables;
  made.hooks = hooks;
  bool hookFits = hooks == 0 || (place.hook && hooks >> unsigned(*place.hook) & 1);
  if (hookFits && made.fitsTable(place.table))
    return;
  made.nft = row.nft == Nft::Free ? ir::DemandScope::Nowhere : ir::DemandScope(row.nft);
  made.anyTableOnNft = row.nft == Nft::Free;
  push(made);
}

void DemandWriter::addMissing(Subject subject, llvm::StringRef missing) {
  ir::Demand made = demand(subject);
  made.missing = missing;
  push(made);
  builder.rule.broken = true;
}

void DemandWriter::addProtocol(const ProtocolRow &row, Subject subject) {
  bool isExtensionHeader = row.module == ModuleId::Ah && builder.family == packet::Family::IPv6;
  if (isExtensionHeader)
    return;
  for (uint8_t number : row.numbers)
    if (number != 0 && builder.command.hasProtocol(number))
      return;
  addMissing(subject, row.names);
}

/// TCPMSS changes the first packet of a connection only, and the kernel wants the rule to say so.
void DemandWriter::addSynFlag(unsigned module) {
  for (const Use &use : builder.command.uses) {
    if (!use.option || use.option->module != ModuleId::Tcp || use.negated)
      continue;
    if (use.is("syn"))
      return;
    if (use.is("tcp-flags") && use.values.size() == 2) {
      llvm::StringRef flags = builder.value(use, 1);
      if (flags.contains_insensitive("syn") || flags.equals_insensitive("all"))
        return;
    }
  }
  addMissing({builder.command.modules[module].at, "TCPMSS"}, "--syn");
}

/// Ports of an address translation: iptables asks for the number of the protocol alone, `!` or not.
/// Source: libxt_NAT.c, __NAT_parse().
void DemandWriter::addNatPorts(unsigned module) {
  static constexpr unsigned withPorts[] = {packet::kTcp, packet::kUdp, packet::kSctp, packet::kDccp, packet::kIcmp};
  if (builder.command.protocol && llvm::is_contained(withPorts, *builder.command.protocol))
    return;
  for (const Use &use : builder.command.uses)
    if (use.module == module && use.option && !use.values.empty() && namesPorts(builder.value(use), *use.option))
      addMissing({use.word, builder.strings.save(fmt::format("--{} with a port", use.option->name))},
                 "-p tcp or -p udp");
}

void DemandWriter::add(unsigned module) {
  ModuleId id = builder.command.modules[module].module->id;
  for (const PlaceRow &row : kPlaces)
    if (row.module == id)
      if (auto subject = subjectOf(module, row.option, row.value))
        addPlace(row, module, *subject);
  for (const ProtocolRow &row : kProtocols)
    if (row.module == id)
      if (auto subject = subjectOf(module, row.option, row.value))
        addProtocol(row, *subject);
  if (id == ModuleId::TcpmssTarget && builder.command.hasProtocol(packet::kTcp))
    addSynFlag(module);
  if (id == ModuleId::Dnat || id == ModuleId::Snat || id == ModuleId::Masquerade || id == ModuleId::Redirect)
    addNatPorts(module);
}

/// iptables itself refuses -o where packets come in and -i where they go out, in built-in chains alone.
void DemandWriter::addInterfaces() {
  if (!place.hook)
    return;
  static constexpr struct {
    llvm::StringLiteral option, what, hooks;
  } interfaces[] = {{"in-interface", "-i", "PIF"}, {"out-interface", "-o", "FOT"}};
  for (const auto &interface : interfaces) {
    const Use *use = builder.command.find(0, interface.option);
    uint8_t hooks = hooksOf(interface.hooks);
    if (!use || hooks >> unsigned(*place.hook) & 1)
      continue;
    ir::Demand made = demand({use->word, interface.what});
    made.hooks = hooks;
    made.legacy = made.nft = ir::DemandScope::Directly;
    push(made);
  }
}

void addDemands(RuleBuilder &builder, const Place &place) {
  DemandWriter writer(builder, place);
  writer.addInterfaces();
  for (unsigned module = 1; module != builder.command.modules.size(); ++module) {
    const Module *known = builder.command.modules[module].module;
    if (known && kConcerned[size_t(known->id)] && available(*known, builder.family))
      writer.add(module);
  }
}

} // namespace iptlint::parse
