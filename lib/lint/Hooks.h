// Which hooks a table's chains are called from, and the rules of some of them.
#pragma once

#include "lint/Facts.h"

namespace iptlint::lint {

/// The hooks that a table's chains are called from, by chain: a bit for each packet::Hook.
std::vector<uint8_t> hooksByChain(const TableFacts &table);

constexpr uint8_t bitOf(packet::Hook hook) {
  return uint8_t(1u << unsigned(hook));
}

/// Calls \p visit with every rule that packets may get to and that could be read, and with its chain's hooks, where
/// \p fits holds for these. In the order written.
template <typename Fits, typename Visitor> void eachLiveRule(const Facts &facts, Fits fits, Visitor visit) {
  for (const TableFacts &table : facts.tables) {
    std::vector<uint8_t> hooks = hooksByChain(table);
    for (uint32_t c = 0; c != table.table->chains.size(); ++c)
      for (uint32_t r = 0; fits(hooks[c]) && r != table.table->chains[c].rules.size(); ++r)
        if (RuleFacts rule{table, {c, r}}; !rule.dead() && !rule.rule().broken)
          visit(rule, hooks[c]);
  }
}

} // namespace iptlint::lint
