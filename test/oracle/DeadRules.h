// What analysis calls dead in a rule set: in its own table, or because of others.
#pragma once

#include "analysis/Machine.h"
#include <set>

namespace iptlint::oracle {

struct DeadRules {
  std::set<analysis::TableRule> all;
  std::vector<analysis::DeadInMachine> inMachine; ///< those of them that are dead because of other tables
};

DeadRules deadRules(const ir::Ruleset &ruleset);

/// Calls \p visit for each rule of each table.
template <typename Visit> void forEachRule(const ir::Ruleset &ruleset, Visit visit) {
  for (uint32_t t = 0; t != ruleset.tables.size(); ++t)
    for (uint32_t c = 0; c != ruleset.tables[t].chains.size(); ++c)
      for (uint32_t r = 0; r != ruleset.tables[t].chains[c].rules.size(); ++r)
        visit(analysis::TableRule{t, {c, r}});
}

/// A rule's line, as it was written.
llvm::StringRef lineOf(const ir::Ruleset &ruleset, const analysis::TableRule &rule);

} // namespace iptlint::oracle
