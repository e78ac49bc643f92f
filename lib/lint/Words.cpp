#include "lint/Words.h"
#include <fmt/format.h>

namespace iptlint::lint {

std::string wordsFor(const ir::Rule &rule) {
  std::string name = rule.target.name.str();
  switch (rule.target.kind) {
  case ir::TargetKind::None:
    return "rule without a target";
  case ir::TargetKind::Jump:
    return "jump to " + name;
  case ir::TargetKind::Goto:
    return "goto " + name;
  default:
    return name.empty() ? "rule" : name + " rule";
  }
}

/// The jump by which the ways of the two part: the first of the taker's path, else the only one into its chain.
static std::optional<ir::RuleId> partingJump(const RuleFacts &rule, const analysis::Taker &taker) {
  if (!taker.path.empty())
    return taker.path.front();
  const auto &callers = rule.table.graph.callers[taker.rule.chain];
  return callers.size() == 1 ? std::optional(callers.front().rule) : std::nullopt;
}

std::string whereabouts(const RuleFacts &rule, const ir::Ruleset &ruleset, const analysis::Taker &taker) {
  if (taker.rule.chain == rule.id.chain)
    return "";
  const std::vector<ir::Chain> &chains = rule.table.table->chains;
  std::string where = fmt::format(" in chain {}", chains[taker.rule.chain].name.str());
  if (auto site = partingJump(rule, taker))
    where += fmt::format(", called from line {},", ruleset.lineColumn(chains[site->chain].rules[site->rule].at).line);
  return where;
}

bool sayTheSame(const ir::Rule &left, const ir::Rule &right) {
  return left.tests == right.tests && left.target.kind == right.target.kind && left.target.name == right.target.name &&
         left.target.options == right.target.options;
}

std::string count(size_t number, llvm::StringRef thing) {
  return fmt::format("{} {}{}", number, thing.str(), number == 1 ? "" : "s");
}

} // namespace iptlint::lint
