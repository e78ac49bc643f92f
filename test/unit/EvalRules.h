// What the tests of eval share: rules built by hand, and an oracle that follows a script.
#pragma once

#include "eval/Eval.h"
#include "gmock/gmock.h"
#include <deque>

namespace iptlint::eval {

using ir::Policy;
using ir::RuleId;
using ir::Target;
using ir::TargetKind;
using packet::Field;
using packet::Hook;
using packet::Value;
using testing::ElementsAre;
using testing::IsEmpty;

/// Gives the answers it was made with, in turn, and notes what was asked. Asked too often, it fails.
class Script : public Oracle {
public:
  Script(std::initializer_list<Value> answers = {}) : answers(answers) {}
  ~Script() override { EXPECT_TRUE(answers.empty()) << answers.size() << " answers were not asked for"; }

  bool meets(const ir::OpaqueTest &test) override { return next("meets " + test.text.str()); }
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override {
    return next(test.text.str() + " after " + std::to_string(rewrites));
  }
  Value anyValue(Field field) override { return next("any " + packet::name(field).str()); }
  bool opaqueTargetEnds(const ir::Rule &rule) override { return next("ends " + rule.target.name.str()); }
  bool opaqueTargetReturns(const ir::Rule &rule) override { return next("returns " + rule.target.name.str()); }
  bool brokenRuleMatches(const ir::Rule &) override { return next("broken matches"); }
  bool policyAccepts(const ir::Chain &chain) override { return next("policy " + chain.name.str()); }

  std::vector<std::string> asked;

private:
  Value next(std::string question) {
    asked.push_back(question);
    if (answers.empty()) {
      ADD_FAILURE() << "no answer to: " << question;
      return 0;
    }
    Value answer = answers.front();
    answers.pop_front();
    return answer;
  }

  std::deque<Value> answers;
};

/// Every value an opaque target leaves behind is 0.
class ZeroesFields : public Script {
public:
  using Script::Script;
  Value anyValue(Field) override { return 0; }
};

inline ir::Test range(Field field, std::vector<ir::Interval> ranges, bool negated = false) {
  return ir::RangeTest{field, std::nullopt, negated, {ranges.begin(), ranges.end()}};
}

inline ir::Test eitherPort(Value port, bool negated = false) {
  return ir::RangeTest{Field::Sport, Field::Dport, negated, {{port, port}}};
}

inline ir::Test mark(Value value, Value mask, bool negated = false) {
  return ir::MaskTest{Field::Mark, negated, mask, value};
}

inline ir::Test function(llvm::StringRef text, bool negated = false) {
  return ir::OpaqueTest{ir::Opacity::Function, negated, text, text};
}

inline ir::Test stateful(llvm::StringRef text, bool negated = false) {
  return ir::OpaqueTest{ir::Opacity::Stateful, negated, text, text};
}

inline Target to(TargetKind kind, llvm::StringRef name, llvm::StringRef options = "") {
  Target target;
  target.kind = kind;
  target.name = name;
  target.options = options;
  return target;
}
inline Target accept() {
  return to(TargetKind::Accept, "ACCEPT");
}
inline Target drop() {
  return to(TargetKind::Drop, "DROP");
}
inline Target back() {
  return to(TargetKind::Return, "RETURN");
}
inline Target log(llvm::StringRef prefix) {
  return to(TargetKind::Continue, "LOG", prefix);
}
inline Target jump(uint32_t chain, TargetKind kind = TargetKind::Jump) {
  Target target = to(kind, "chain");
  target.chain = chain;
  return target;
}
inline Target setMark(ir::Write write) {
  Target target = to(TargetKind::Continue, "MARK", "...");
  target.writes = {write};
  return target;
}

inline ir::Rule rule(std::vector<ir::Test> tests, Target target) {
  ir::Rule rule;
  rule.tests = std::move(tests);
  rule.target = std::move(target);
  return rule;
}

inline ir::Chain builtIn(Policy policy, std::vector<ir::Rule> rules, Hook hook = Hook::Input) {
  return {.name = packet::name(hook),
          .at = {},
          .declared = true,
          .hook = hook,
          .policy = policy,
          .counters = {},
          .rules = rules};
}

inline ir::Chain user(std::vector<ir::Rule> rules) {
  return {
      .name = "USER", .at = {}, .declared = true, .hook = {}, .policy = Policy::None, .counters = {}, .rules = rules};
}

inline packet::Packet at(Hook hook) {
  packet::Packet packet;
  packet[Field::Hook] = unsigned(hook);
  return packet;
}

inline packet::Packet with(Field field, Value value) {
  packet::Packet packet = at(Hook::Input);
  packet[field] = value;
  return packet;
}

inline std::vector<RuleId> matched(const Outcome &outcome) {
  std::vector<RuleId> rules;
  for (Step step : outcome.steps)
    rules.push_back(step.rule);
  return rules;
}

inline Outcome run(std::vector<ir::Chain> chains, const packet::Packet &packet, Oracle &oracle) {
  ir::Table table;
  table.chains = std::move(chains);
  return evaluate(table, packet, oracle);
}

inline Outcome run(std::vector<ir::Chain> chains, const packet::Packet &packet = at(Hook::Input)) {
  Script nothingOpen;
  return run(std::move(chains), packet, nothingOpen);
}

inline bool holds(const ir::Test &test, const packet::Packet &packet) {
  Script nothingOpen;
  return meets(test, packet, nothingOpen);
}

} // namespace iptlint::eval
