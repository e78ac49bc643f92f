// Pairs tables and built-in chains of two rule sets, and adds up what is found for each pair.
//
// Left out: how a pair is proved (Proof.h).
#include "smt/Equivalent.h"
#include "smt/Proof.h"
#include "smt/Tracking.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::smt {

static Comparison different(const std::string &table, std::string reason) {
  Comparison comparison;
  comparison.result = Verdict::Different;
  comparison.reason = std::move(reason);
  comparison.table = table;
  return comparison;
}

/// The table that is in force under a name; nullptr if there is none.
static const ir::Table *tableOf(const ir::Ruleset &ruleset, llvm::StringRef name) {
  auto found = llvm::find_if(ruleset.tables, [&](const ir::Table &t) { return t.name == name && !t.replaced; });
  return found == ruleset.tables.end() ? nullptr : &*found;
}

static const ir::Chain *builtIn(const ir::Table &table, packet::Hook hook) {
  auto found = llvm::find_if(table.chains, [&](const ir::Chain &chain) { return chain.hook == hook; });
  return found == table.chains.end() ? nullptr : &*found;
}

static Comparison compareChain(const Pair &pair, const Effort &effort) {
  Comparison comparison;
  if (pair.before.fragment || pair.after.fragment)
    comparison.reason = "no chain is declared, so more rules may stand before these";
  else
    comparison = prove(pair, effort);
  comparison.table = pair.before.name.str();
  comparison.chain = packet::name(pair.hook).str();
  return comparison;
}

static std::optional<Comparison> differenceInTracking(const ir::Table &before, const ir::Table &after) {
  if (tracksConnections(before) == tracksConnections(after))
    return std::nullopt;
  return different(before.name.str(), fmt::format("only the {} rules of table {} use connection tracking",
                                                  tracksConnections(before) ? "first" : "second", before.name.str()));
}

/// \returns false behind a difference.
static bool compareTable(const ir::Table &before, const ir::Table &after, packet::Family family, const Effort &effort,
                         std::vector<Comparison> &parts) {
  if (std::optional<Comparison> difference = differenceInTracking(before, after)) {
    parts.push_back(*difference);
    return false;
  }
  for (unsigned i = 0; i != packet::kHookCount; ++i) {
    Pair pair{
        family, packet::Hook(i), before, after, builtIn(before, packet::Hook(i)), builtIn(after, packet::Hook(i))};
    if (!pair.beforeChain && !pair.afterChain)
      continue;
    parts.push_back(compareChain(pair, effort));
    if (parts.back().result == Verdict::Different)
      return false;
  }
  return true;
}

/// A table of the first rule set that the second lacks.
static std::optional<Comparison> missingTable(const ir::Ruleset &first, const ir::Ruleset &second, bool reversed) {
  for (const ir::Table &table : first.tables)
    if (!table.replaced && !tableOf(second, table.name))
      return different(table.name.str(), fmt::format("only the {} rules have a table {}", reversed ? "second" : "first",
                                                     table.name.str()));
  return std::nullopt;
}

std::vector<Comparison> compareChains(const ir::Ruleset &before, const ir::Ruleset &after, const Effort &effort) {
  if (before.family != after.family)
    return {different("", "one side is IPv4, the other IPv6")};
  for (bool reversed : {false, true})
    if (std::optional<Comparison> difference =
            missingTable(reversed ? after : before, reversed ? before : after, reversed))
      return {*difference};
  std::vector<Comparison> parts;
  for (const ir::Table &table : before.tables)
    if (!table.replaced && !compareTable(table, *tableOf(after, table.name), before.family, effort, parts))
      break;
  return parts;
}

/// The part that speaks for the whole: the first different one, else the first unknown one, else none.
static const Comparison *decisive(llvm::ArrayRef<Comparison> parts) {
  for (Verdict verdict : {Verdict::Different, Verdict::Unknown})
    for (const Comparison &part : parts)
      if (part.result == verdict)
        return &part;
  return nullptr;
}

Comparison summary(llvm::ArrayRef<Comparison> parts) {
  Comparison whole;
  whole.result = Verdict::Equal;
  if (const Comparison *part = decisive(parts))
    whole = *part;
  whole.queries = whole.unchanged = whole.cells = whole.unchangedCells = whole.alikeCells = 0;
  whole.seconds = 0;
  for (const Comparison &part : parts) {
    whole.queries += part.queries;
    whole.unchanged += part.unchanged;
    whole.cells += part.cells;
    whole.unchangedCells += part.unchangedCells;
    whole.alikeCells += part.alikeCells;
    whole.seconds += part.seconds;
  }
  return whole;
}

Comparison compare(const ir::Ruleset &before, const ir::Ruleset &after, const Effort &effort) {
  return summary(compareChains(before, after, effort));
}

} // namespace iptlint::smt
