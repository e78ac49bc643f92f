// Rows of rules that are to share packets equally by -m statistic, and do not.
//
// Each rule of a row samples only what those before it left, so that n equal shares take 1/n, 1/(n-1) ... 1/2, and no
// condition in the last. Two mistakes are told from weights that somebody wanted: the same share asked for in all
// rules, and 1/2, 1/3 ... 1/n. Which rules make a row, SampledRows.h says.
#include "lint/Check.h"
#include "lint/Kube.h"
#include "lint/SampledRows.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <set>

namespace iptlint::lint::checks {

using ir::Rule;
using ir::Sampling;

// --- what is wrong with it

/// Whether both ask for the same share, as written: the kernel knows probabilities in steps of 2^-31.
static bool areEqual(Sampling left, Sampling right) {
  uint64_t one = uint64_t(left.taken) * right.of, other = uint64_t(right.taken) * left.of;
  uint64_t step = (uint64_t(left.of) * right.of) >> 31;
  return std::max(one, other) - std::min(one, other) <= step;
}

/// Whether a share is 1/parts, to two decimals.
static bool isPart(Sampling sampling, uint64_t parts) {
  auto one = __int128(sampling.taken) * parts, whole = __int128(sampling.of);
  return (one > whole ? one - whole : whole - one) * 200 <= whole * parts;
}

static bool asksForSame(const SampledRow &row) {
  return llvm::all_of(row.samplings, [&](Sampling of) { return areEqual(of, row.samplings.front()); });
}

/// 1/2, 1/3 ... 1/n.
static bool isBackwards(const SampledRow &row) {
  uint64_t parts = 2;
  return row.rest && llvm::all_of(row.samplings, [&](Sampling of) { return isPart(of, parts++); });
}

/// Whether each target stands in the row once: who names one twice wants it to have more.
static bool haveOwnTargets(const ir::Chain &chain, const SampledRow &row) {
  std::set<std::pair<llvm::StringRef, llvm::StringRef>> targets;
  for (uint32_t r = row.first; r != row.end(); ++r)
    targets.insert({chain.rules[r].target.name, chain.rules[r].target.options});
  size_t rules = row.samplings.size();
  if (row.rest) {
    targets.insert({row.rest->target.name, row.rest->target.options});
    ++rules;
  }
  return targets.size() == rules;
}

// --- what is said

static std::string nameOf(const Rule &rule) {
  std::string name = rule.target.name.str();
  return rule.target.options.empty() ? name : name + " " + rule.target.options.str();
}

static std::string percent(double share) {
  return fmt::format("{:.4g} %", share * 100);
}

/// "A gets 33 %, B 22.11 %, and 44.89 % go on"; of a long row its beginning and its end.
static std::string sharesOf(const ir::Chain &chain, const SampledRow &row) {
  constexpr size_t shownFirst = 4;
  std::string words;
  double left = 1;
  for (size_t i = 0; i != row.samplings.size(); ++i) {
    double share = left * row.samplings[i].taken / row.samplings[i].of;
    left -= share;
    bool isLast = i + 1 == row.samplings.size();
    if (i < shownFirst || isLast)
      words +=
          fmt::format("{}{}{} {}", i ? ", " : "", nameOf(chain.rules[row.first + i]), i ? "" : " gets", percent(share));
    else if (i == shownFirst)
      words += ", ...";
  }
  return words + (row.rest ? fmt::format(", {} {}", nameOf(*row.rest), percent(left))
                           : fmt::format(", and {} go on to what follows", percent(left)));
}

static void checkRow(const TableFacts &table, uint32_t c, const SampledRow &row, Reporter &report) {
  const ir::Chain &chain = table.table->chains[c];
  bool isMistake = row.samplings.size() > 1 && (asksForSame(row) || isBackwards(row));
  if (!isMistake || !haveOwnTargets(chain, row))
    return;
  report
      .add(RuleFacts{table, {c, row.first}},
           fmt::format(
               "each of these rules takes its part of what those before it left, so that the parts{} are not equal: {}",
               isServiceChain(chain.name) ? ofService(serviceOf(table, c)) : "", sharesOf(chain, row)))
      .upTo(row.rest ? *row.rest : chain.rules[row.end() - 1]);
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    for (uint32_t c = 0; c != table.table->chains.size(); ++c)
      if (table.graph.reachedFromHook[c])
        for (const SampledRow &row : sampledRows(*table.table, table.table->chains[c]))
          checkRow(table, c, row, report);
}

extern constinit const Check uneven_balance = {
    .id = "uneven-balance",
    .summary = "rules that are to share packets equally by -m statistic, and do not",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
