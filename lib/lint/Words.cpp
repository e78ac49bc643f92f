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

std::string whereabouts(const RuleFacts &rule, const ir::Ruleset &ruleset, const analysis::Taker &taker) {
  if (taker.rule.chain == rule.id.chain)
    return "";
  const std::vector<ir::Chain> &chains = rule.table.table->chains;
  std::string where = fmt::format(" in chain {}", chains[taker.rule.chain].name.str());
  if (!taker.path.empty()) {
    ir::RuleId site = taker.path.front();
    where += fmt::format(", called from line {},", ruleset.lineColumn(chains[site.chain].rules[site.rule].at).line);
  }
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
