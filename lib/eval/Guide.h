// Answers what the rules of a table leave open, from what is known of the packet on its way; asks where that ends.
#pragma once

#include "eval/Situation.h"

namespace iptlint::eval {

class Guide : public Oracle {
public:
  Guide(Situation &situation, uint32_t table) : situation(situation), table(table) {}

  void comesTo(ir::RuleId rule, const packet::Packet &packet) override;
  void fails(ir::RuleId rule, size_t test) override;
  std::optional<bool> knows(const ir::Test &test, const packet::Packet &packet, unsigned rewrites) override;
  bool meets(const ir::OpaqueTest &test) override;
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override;
  packet::Value anyValue(packet::Field field) override;
  bool opaqueTargetEnds(const ir::Rule &rule) override;
  bool brokenRuleMatches(const ir::Rule &rule) override;
  bool policyAccepts(const ir::Chain &chain) override;

  /// Why it is not known what a rule does that ended the table with "?".
  const std::string &reason() const { return why; }

private:
  std::string where() const;
  bool readsType(const ir::Test &test, packet::Field field) const;
  bool holdsByType(const ir::Test &test, packet::Packet packet, packet::Field field);
  bool holdsPlainly(const ir::Test &test, const packet::Packet &packet);

  Situation &situation;
  uint32_t table;
  ir::RuleId current;
  bool plainly = false; ///< types are settled in the packet at hand
  std::string why;
};

} // namespace iptlint::eval
