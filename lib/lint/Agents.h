// Which rules a program wrote by itself, asked as checks ask: analysis/Agents.h tells more.
#pragma once

#include "analysis/Agents.h"
#include "lint/Facts.h"
#include "lint/Reporter.h"

namespace iptlint::lint {

using analysis::agentOfChain;
using analysis::agentOfInterface;
using analysis::isMadeByAgent;

inline llvm::StringRef agentOfRule(const RuleFacts &rule) {
  return analysis::agentOfRule(*rule.table.table, rule.id);
}

inline bool isPlaceholder(const RuleFacts &rule) {
  return analysis::isPlaceholder(*rule.table.table, rule.id);
}

/// Where a program wrote the rule, makes the finding information that says so: nobody can mend it in the rules.
void tellAgent(Finding &finding, const RuleFacts &rule);

} // namespace iptlint::lint
