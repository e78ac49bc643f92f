#include "driver/Visits.h"
#include "tree/Cost.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <fmt/format.h>

namespace iptlint::driver {

/// The rules that a packet is expected to visit in a built-in chain; nothing where jumps lead in a circle.
static std::optional<double> expectedIn(const ir::Table &table, uint32_t chain) {
  tree::Calls calls = tree::callsFrom(table, chain);
  if (!calls.whyNot.empty())
    return std::nullopt;
  tree::Weights weights(table);
  return tree::WrittenCost(table, weights, calls).of(chain).expected.rules;
}

/// What the pass that made trees knows better than the chains tell; nothing where it made none, or they were put back.
static const pass::Faster *madeFaster(const Proved &proved, size_t number, const ir::Table &table,
                                      const ir::Chain &chain) {
  auto isHere = [&](const auto &other) { return other.table == table.name && other.chain == chain.name; };
  if (llvm::any_of(proved.leftAlone, [&](const LeftAlone &left) { return left.ruleset == number && isHere(left); }))
    return nullptr;
  auto found = llvm::find_if(proved.record.faster, [&](const pass::Faster &of) {
    return of.family == proved.rulesets[number].family && isHere(of);
  });
  return found == proved.record.faster.end() ? nullptr : &*found;
}

static std::optional<double> expectedAfter(const Proved &proved, size_t number, const ir::Table &was,
                                           const ir::Chain &chain) {
  if (const pass::Faster *faster = madeFaster(proved, number, was, chain))
    return faster->after;
  for (const ir::Table &table : proved.rulesets[number].tables)
    for (uint32_t c = 0; c != table.chains.size() && table.name == was.name && !table.replaced; ++c)
      if (table.chains[c].name == chain.name)
        return expectedIn(table, c);
  return std::nullopt;
}

std::vector<Visited> visitsOf(const std::vector<ir::Ruleset> &original, const Proved &proved) {
  std::vector<Visited> visits;
  for (size_t number = 0; number != original.size(); ++number)
    for (const ir::Table &table : original[number].tables)
      for (uint32_t c = 0; c != table.chains.size() && !table.replaced; ++c) {
        const ir::Chain &chain = table.chains[c];
        std::optional<double> before = chain.hook ? expectedIn(table, c) : std::nullopt;
        std::optional<double> after = before ? expectedAfter(proved, number, table, chain) : std::nullopt;
        if (after)
          visits.push_back({table.name.str(), chain.name.str(), *before, *after});
      }
  return visits;
}

/// "5,001"
static std::string grouped(double number) {
  std::string digits = std::to_string(std::llround(number));
  for (size_t at = digits.size(); at > 3;)
    digits.insert(at -= 3, ",");
  return digits;
}

std::string visitsText(const Visited &chain) {
  std::string before = grouped(chain.before), after = grouped(chain.after);
  return before == after
             ? ""
             : fmt::format("{} {}: a packet visits {} rules before, {} after", chain.table, chain.chain, before, after);
}

} // namespace iptlint::driver
