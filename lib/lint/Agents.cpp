#include "lint/Agents.h"

namespace iptlint::lint {

void tellAgent(Finding &finding, const RuleFacts &rule) {
  if (llvm::StringRef agent = agentOfRule(rule); !agent.empty())
    finding.severity(support::Severity::Info).append(", and " + agent + " wrote the rule");
}

} // namespace iptlint::lint
