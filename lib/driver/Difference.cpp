#include "driver/Difference.h"
#include "driver/Presumed.h"
#include "report/Line.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

static ir::Table tableOf(const ir::Ruleset &ruleset, const smt::Comparison &comparison) {
  for (const ir::Table &table : ruleset.tables)
    if (table.name == comparison.table && !table.replaced)
      return table;
  return {};
}

/// A chain that the text does not name has no rules, and whatever policy it had.
static void nameChain(ir::Table &table, packet::Hook hook) {
  if (llvm::any_of(table.chains, [hook](const ir::Chain &chain) { return chain.hook == hook; }))
    return;
  ir::Chain &chain = table.chains.emplace_back();
  chain.name = packet::name(hook);
  chain.hook = hook;
  chain.policy = ir::Policy::Unstated;
}

static std::optional<eval::Outcome> walk(const ir::Ruleset &ruleset, const smt::Comparison &comparison,
                                         const smt::Decision &decision) {
  ir::Table table = tableOf(ruleset, comparison);
  nameChain(table, comparison.packet->hook());
  Presumed oracle(decision, comparison.policyAccepts);
  eval::Outcome outcome = eval::evaluate(table, *comparison.packet, oracle);
  if (oracle.failed() || outcome.verdict != decision.verdict)
    return std::nullopt;
  return outcome;
}

std::optional<Difference> confirm(const ir::Ruleset &before, const ir::Ruleset &after,
                                  const smt::Comparison &comparison) {
  std::optional<eval::Outcome> first = walk(before, comparison, comparison.before);
  std::optional<eval::Outcome> second = walk(after, comparison, comparison.after);
  if (!first || !second)
    return std::nullopt;
  if (first->verdict == second->verdict && first->effects == second->effects && first->packet == second->packet)
    return std::nullopt;
  return Difference{std::move(*first), std::move(*second)};
}

void printPacket(const smt::Comparison &comparison, llvm::raw_ostream &out) {
  out << "  packet: " << report::printable(packet::inIptablesWords(*comparison.packet)) << "\n";
  for (const auto &[text, holds] : comparison.packet->assume)
    out << "    where " << report::printable(text) << (holds ? " holds\n" : " does not hold\n");
  for (const auto &[text, holds] : comparison.before.state)
    out << "    where " << report::printable(text) << (holds ? " holds this time\n" : " does not hold this time\n");
}

static std::string decidedBy(const eval::Outcome &outcome, const ir::Ruleset &ruleset,
                             const smt::Comparison &comparison) {
  if (!outcome.decidedBy)
    return "by policy";
  const ir::Table table = tableOf(ruleset, comparison);
  const ir::Chain &chain = table.chains[outcome.decidedBy->chain];
  const ir::Rule &rule = chain.rules[outcome.decidedBy->rule];
  return fmt::format("by rule {} of {} (line {})", outcome.decidedBy->rule + 1, chain.name.str(),
                     ruleset.lineColumn(rule.at).line);
}

std::string decisionText(const eval::Outcome &outcome, const ir::Ruleset &ruleset, const smt::Comparison &comparison) {
  std::string text = llvm::join(outcome.effects, ", ");
  if (!text.empty())
    text += ", then ";
  return report::printable(text + outcome.verdict + " " + decidedBy(outcome, ruleset, comparison));
}

} // namespace iptlint::driver
