// `trace --why-not RULE`: why a packet does not match a rule, or who takes it before it gets there.
#pragma once

#include "eval/Story.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

class WhyNot {
public:
  /// \param text  "nat/KUBE-SERVICES/7", or the number of a line.
  /// \returns nothing where it names no rule, which is said on \p err, or is empty.
  static std::optional<WhyNot> read(const std::string &text, const eval::Machine &machine, llvm::raw_ostream &err);

  /// The rule, and all rules that lead to its chain.
  std::set<eval::TableRule> watched() const;

  /// In lines, of every way of the packet that was asked for.
  std::vector<std::string> explain(const eval::Story &story) const;

private:
  WhyNot(eval::TableRule rule, const eval::Machine &machine) : asked(rule), machine(machine) {}

  const ir::Table &table() const { return machine.rules->tables[asked.table]; }
  const ir::Rule &at(ir::RuleId id) const { return table().chains[id.chain].rules[id.rule]; }
  std::vector<ir::RuleId> callersOf(uint32_t chain) const;
  std::string nameOf(eval::TableRule rule) const;
  std::vector<std::string> explainWay(const eval::Trip &trip) const;
  std::vector<std::string> explainMissed(const eval::Trip &trip, ir::RuleId rule, std::set<ir::RuleId> &told) const;
  std::string explainVisit(const eval::Visit &visit) const;
  std::string whoTook(const eval::Trip &trip, packet::Hook hook) const;
  std::set<packet::Hook> hooksOf(const eval::Trip &trip, uint32_t chain) const;

  eval::TableRule asked;
  const eval::Machine &machine;
};

} // namespace iptlint::driver
