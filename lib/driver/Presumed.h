// What the solver presumes where rules leave something open, as answers for eval: so that a packet it shows can be walked.
#pragma once

#include "eval/Eval.h"
#include "smt/Equivalent.h"

namespace iptlint::driver {

/// Answers in the order in which the solver met the questions. What it does not presume makes the walk worthless.
class Presumed : public eval::Oracle {
public:
  /// \param decision  must outlive this.
  Presumed(const smt::Decision &decision, bool policyAccepts) : policy(policyAccepts), decision(decision) {}

  bool meets(const ir::OpaqueTest &test) override;
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override;
  packet::Value anyValue(packet::Field) override;
  bool opaqueTargetEnds(const ir::Rule &) override { return hasFailed = true; }
  bool brokenRuleMatches(const ir::Rule &) override { return hasFailed = true; }
  bool policyAccepts(const ir::Chain &) override { return policy; }

  /// Whether something was asked that is not presumed.
  bool failed() const { return hasFailed; }

private:
  bool policy;
  bool hasFailed = false;
  const smt::Decision &decision;
  size_t nextMadeUp = 0, nextState = 0;
};

} // namespace iptlint::driver
