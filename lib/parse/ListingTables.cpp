#include "parse/ListingTables.h"
#include "parse/Tables.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace iptlint::parse {

using packet::Family;
using packet::Hook;

/// iptables itself, by a path or as a variant: `iptables-legacy`, `/sbin/ip6tables`.
static std::optional<Family> program(llvm::StringRef word) {
  word = word.rsplit('/').second.empty() ? word : word.rsplit('/').second;
  if (word.startswith("ip6tables"))
    return Family::IPv6;
  return word.startswith("iptables") ? std::optional(Family::IPv4) : std::nullopt;
}

static bool isListCommand(llvm::StringRef word) {
  return word.startswith("--list") || (word.startswith("-") && !word.startswith("--") && word.contains('L'));
}

std::optional<TableHint> tableHint(llvm::StringRef line) {
  constexpr llvm::StringLiteral separators = " \t:=[]()*\"'`#$>,;|";
  TableHint hint;
  bool lists = false;
  for (line = line.ltrim(separators); !line.empty(); line = line.ltrim(separators)) {
    llvm::StringRef word = line.take_until([&](char c) { return separators.contains(c); });
    line = line.drop_front(word.size());
    if (auto family = program(word))
      hint.family = family;
    lists |= hint.family && isListCommand(word);
    if (word.startswith("-t"))
      word = word.drop_front(2);
    if (hint.table.empty() && isTable(word))
      hint.table = word;
  }
  if (lists && hint.table.empty())
    hint.table = "filter";
  return hint.table.empty() ? std::nullopt : std::optional(hint);
}

static std::optional<Hook> builtIn(llvm::StringRef chain) {
  return builtInHook("mangle", chain);
}

bool beginsTable(const ListedTable &table, llvm::StringRef chain) {
  if (table.chains.empty())
    return false;
  if (llvm::any_of(table.chains, [&](const ListedChain &earlier) { return earlier.heading.name == chain; }))
    return true;
  auto hook = builtIn(chain);
  auto last = builtIn(table.chains.back().heading.name);
  if (!hook)
    return false;
  // Kernels before 2.6.34 have OUTPUT behind POSTROUTING in nat.
  return !last || (*hook < *last && !(*hook == Hook::Output && *last == Hook::Postrouting));
}

static bool hasTarget(const ListedTable &table, llvm::ArrayRef<llvm::StringRef> targets) {
  return llvm::any_of(table.chains, [&](const ListedChain &chain) {
    return llvm::any_of(chain.rules,
                        [&](const ListedRule &rule) { return llvm::is_contained(targets, rule.row.target); });
  });
}

llvm::StringRef tableByChains(const ListedTable &table, bool &sure) {
  unsigned hooks = 0;
  for (const ListedChain &chain : table.chains)
    if (auto hook = builtIn(chain.heading.name))
      hooks |= 1u << unsigned(*hook);
  auto has = [&](Hook hook) { return hooks >> unsigned(hook) & 1; };
  if (hasTarget(table, {"DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP"}))
    return "nat";
  bool around = has(Hook::Prerouting) || has(Hook::Postrouting);
  if (around && has(Hook::Forward))
    return "mangle";
  if (has(Hook::Prerouting) && has(Hook::Postrouting))
    return "nat";
  if (has(Hook::Prerouting) && has(Hook::Output) && !has(Hook::Input))
    return "raw";
  sure = !around;
  return around ? "nat" : "filter";
}

} // namespace iptlint::parse
