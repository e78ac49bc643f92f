// Rows of rules that share packets by -m statistic: one server, chain or queue after the other.
//
// In a row all rules ask for the same packets, and their targets keep what they get. So each samples what those before
// it left. Left out are targets that let packets go on (MARK), where each rule samples all, and what cannot be seen at
// once to keep packets: a chain with a RETURN in it.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::lint {

/// Rules of a chain, one behind the other.
struct SampledRow {
  uint32_t first = 0;
  std::vector<ir::Sampling> samplings; ///< of each rule from the first on; each takes some packets and leaves some
  const ir::Rule *rest = nullptr;      ///< the rule behind them that takes all they leave; null: that goes on

  uint32_t end() const { return first + uint32_t(samplings.size()); }
};

std::vector<SampledRow> sampledRows(const ir::Table &table, const ir::Chain &chain);

} // namespace iptlint::lint
