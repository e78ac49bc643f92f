#include "lint/Unroutable.h"
#include "ir/Nat.h"
#include "lint/Marks.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::lint {

using analysis::Ways;
using ir::Interval;
using packet::Family;

static const Interval *newDestination(const RuleFacts &rule) {
  const ir::Target &target = rule.rule().target;
  bool translates = target.name == "DNAT" && target.nat && target.nat->addresses;
  return translates && !rule.rule().broken && !rule.dead() ? &*target.nat->addresses : nullptr;
}

void eachUnroutable(const Facts &facts, llvm::function_ref<void(const RuleFacts &, const Ways &)> visit) {
  if (!facts.network)
    return;
  analysis::Routable routable(*facts.network, facts.ruleset->family);
  if (!routable.known())
    return;
  for (const TableFacts &table : facts.tables) {
    std::vector<uint8_t> hooks = hooksByChain(table);
    for (uint32_t c = 0; c != table.table->chains.size(); ++c)
      for (uint32_t r = 0; hooks[c] & bitOf(packet::Hook::Prerouting) && r != table.table->chains[c].rules.size();
           ++r) {
        RuleFacts rule{table, {c, r}};
        const Interval *to = newDestination(rule);
        if (Ways ways = to ? routable.waysTo(*to) : Ways(); to && ways.none())
          visit(rule, ways);
      }
  }
}

/// How many leading bits the addresses have in common, where they are all that do.
static std::optional<unsigned> prefixLength(Interval addresses, unsigned width) {
  packet::Value host = addresses.lo ^ addresses.hi;
  bool isPrefix = (host & (host + 1)) == 0 && (addresses.lo & host) == 0;
  if (!isPrefix)
    return std::nullopt;
  unsigned length = width;
  for (; host; host >>= 1)
    --length;
  return length;
}

std::string addressesText(Interval addresses, Family family) {
  unsigned width = packet::bits(packet::Field::Dst, family);
  std::string first = packet::addressText(addresses.lo, family);
  if (addresses.lo == addresses.hi)
    return first;
  if (std::optional<unsigned> length = prefixLength(addresses, width))
    return fmt::format("{}/{}", first, *length);
  return fmt::format("{}-{}", first, packet::addressText(addresses.hi, family));
}

std::string whyUnroutable(const RuleFacts &rule, const Ways &ways, Family family) {
  std::string to = addressesText(*newDestination(rule), family);
  if (ways.refusals.empty())
    return "no route leads to " + to;
  const ir::NetworkRoute &refusal = *ways.refusals.front();
  return fmt::format("the route '{}' refuses packets to {}", llvm::join(refusal.words, " "), to);
}

} // namespace iptlint::lint
