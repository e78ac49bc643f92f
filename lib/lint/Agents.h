// Which rules a program wrote by itself, asked as checks ask: analysis/Agents.h tells more.
#pragma once

#include "analysis/Agents.h"
#include "lint/Facts.h"

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

} // namespace iptlint::lint
