#include "parse/Tables.h"
#include "parse/Nearest.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

namespace iptlint::parse {

using packet::Hook;

namespace {
struct KnownTable {
  llvm::StringLiteral name;
  uint8_t hooks; ///< a bit for each packet::Hook
};
} // namespace

static constexpr uint8_t bit(Hook hook) {
  return uint8_t(1u << unsigned(hook));
}

// Source: the kernel's iptable_*.c, *_VALID_HOOKS.
static constexpr KnownTable kTables[] = {
    {"filter", bit(Hook::Input) | bit(Hook::Forward) | bit(Hook::Output)},
    {"nat", bit(Hook::Prerouting) | bit(Hook::Input) | bit(Hook::Output) | bit(Hook::Postrouting)},
    {"mangle", 0x1f},
    {"raw", bit(Hook::Prerouting) | bit(Hook::Output)},
    {"security", bit(Hook::Input) | bit(Hook::Forward) | bit(Hook::Output)},
};

static const KnownTable *findTable(llvm::StringRef name) {
  auto at = llvm::find_if(kTables, [&](const KnownTable &table) { return table.name == name; });
  return at == std::end(kTables) ? nullptr : at;
}

bool isTable(llvm::StringRef name) {
  return findTable(name);
}

std::optional<Hook> builtInHook(llvm::StringRef table, llvm::StringRef chain) {
  const KnownTable *known = findTable(table);
  for (unsigned i = 0; i != packet::kHookCount; ++i)
    if (packet::name(Hook(i)) == chain && (!known || known->hooks >> i & 1))
      return Hook(i);
  return std::nullopt;
}

void doubt(ir::Rule &rule) {
  rule.broken = true;
  rule.target.kind = ir::TargetKind::Opaque;
}

TableBuilder::TableBuilder(llvm::StringRef name, support::SourceRange at) {
  table.name = name;
  table.at = at;
}

ir::Chain *TableBuilder::find(llvm::StringRef name) {
  auto found = byName.find(name);
  return found == byName.end() ? nullptr : &table.chains[found->second];
}

ir::Chain &TableBuilder::chain(llvm::StringRef name, support::SourceRange at) {
  if (ir::Chain *known = find(name))
    return *known;
  byName[name] = table.chains.size();
  rules.emplace_back();
  ir::Chain &made = table.chains.emplace_back();
  made.name = name;
  made.at = at;
  made.hook = builtInHook(table.name, name);
  made.policy = made.hook ? ir::Policy::Unstated : ir::Policy::None;
  return made;
}

void TableBuilder::insert(const ir::Chain &chain, size_t place, ir::Rule rule) {
  std::deque<ir::Rule> &into = rules[indexOf(chain)];
  into.insert(into.begin() + place, std::move(rule));
}

void TableBuilder::erase(const ir::Chain &chain, size_t place) {
  std::deque<ir::Rule> &from = rules[indexOf(chain)];
  from.erase(from.begin() + place);
}

void TableBuilder::flush(llvm::StringRef name) {
  for (size_t i = 0; i != rules.size(); ++i)
    if (name.empty() || table.chains[i].name == name)
      rules[i].clear();
}

void TableBuilder::remove(const ir::Chain &chain) {
  size_t index = indexOf(chain);
  byName.erase(chain.name);
  for (auto &entry : byName)
    entry.second -= entry.second > index;
  rules.erase(rules.begin() + index);
  table.chains.erase(table.chains.begin() + index);
}

static bool leadsTo(const ir::Rule &rule, llvm::StringRef name) {
  bool jumps = rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto;
  return jumps && rule.target.name == name;
}

void TableBuilder::rename(ir::Chain &chain, llvm::StringRef name) {
  for (std::deque<ir::Rule> &among : rules)
    for (ir::Rule &rule : among)
      if (leadsTo(rule, chain.name)) {
        std::replace(rule.words.begin(), rule.words.end(), chain.name, name);
        rule.target.name = name;
      }
  byName.erase(chain.name);
  byName[name] = unsigned(indexOf(chain));
  chain.name = name;
}

bool TableBuilder::isUsed(const ir::Chain &chain) const {
  return llvm::any_of(rules, [&](const std::deque<ir::Rule> &among) {
    return llvm::any_of(among, [&](const ir::Rule &rule) { return leadsTo(rule, chain.name); });
  });
}

void TableBuilder::doubt(const ir::Chain &chain, size_t first, size_t end) {
  std::deque<ir::Rule> &among = rules[indexOf(chain)];
  for (; first < std::min(end, among.size()); ++first)
    parse::doubt(among[first]);
}

/// Built-in chains in the order of their hooks, then the user's by name.
static bool standsBefore(const ir::Chain &one, const ir::Chain &other) {
  if (one.hook || other.hook)
    return one.hook && (!other.hook || *one.hook < *other.hook);
  return one.name < other.name;
}

void TableBuilder::normalise() {
  if (const KnownTable *known = findTable(table.name))
    for (unsigned hook = 0; hook != packet::kHookCount; ++hook)
      if (known->hooks >> hook & 1)
        chain(packet::name(Hook(hook)), table.at);
  std::vector<unsigned> order(table.chains.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](unsigned one, unsigned other) { return standsBefore(table.chains[one], table.chains[other]); });
  std::vector<ir::Chain> chains;
  std::vector<std::deque<ir::Rule>> sortedRules;
  for (unsigned index : order) {
    byName[table.chains[index].name] = unsigned(chains.size());
    ir::Chain &sorted = chains.emplace_back(std::move(table.chains[index]));
    if (!sorted.hook || !sorted.counters)
      sorted.counters = ir::Counters();
    sortedRules.push_back(std::move(rules[index]));
  }
  table.chains = std::move(chains);
  rules = std::move(sortedRules);
}

/// How many jumps into the void are asked what they may mean, and among how many chains: a text of nothing else must
/// not take long.
constexpr unsigned kMostHints = 100, kMostChainsOfHint = 500;

/// The chain, or else the target of iptables, whose name is near to this one.
static llvm::StringRef nearestTarget(llvm::StringRef name, const std::vector<ir::Chain> &chains) {
  for (const ir::Chain &chain : llvm::makeArrayRef(chains).take_front(kMostChainsOfHint))
    if (!chain.hook && chain.declared && isNear(name, chain.name))
      return chain.name;
  return nearestModule(name, ModuleKind::Target);
}

/// Only a declared chain of the user's can be jumped to; a name of anything else stays unbound.
static void bindJump(ir::Rule &rule, TableBuilder &table, const std::vector<ir::Chain> &chains, unsigned &hints) {
  ir::Target &target = rule.target;
  bool jumps = target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto;
  if (!jumps && !rule.broken)
    return;
  ir::Chain *chain = table.find(target.name);
  if (chain && chain->declared && !chain->hook)
    target.chain = uint32_t(chain - chains.data());
  else if (jumps && !chain && hints++ < kMostHints)
    target.meant = nearestTarget(target.name, chains);
}

ir::Table TableBuilder::finish(std::optional<support::SourceRange> commit) {
  table.commit = commit;
  table.fragment = llvm::none_of(table.chains, [](const ir::Chain &chain) { return chain.declared; });
  unsigned hints = 0;
  for (size_t i = 0; i != rules.size(); ++i) {
    std::vector<ir::Rule> &chain = table.chains[i].rules;
    chain.reserve(rules[i].size());
    for (; !rules[i].empty(); rules[i].pop_front()) {
      bindJump(rules[i].front(), *this, table.chains, hints);
      chain.push_back(std::move(rules[i].front()));
    }
  }
  return std::move(table);
}

} // namespace iptlint::parse
