// One packet, one table, one hook: the rules are walked as the kernel walks them.
//
// Left out: what happens between hooks (routing, conntrack, rewriting of addresses), which rules
// never see, and everything the IR holds as opaque, which is asked of the Oracle.
#include "eval/Eval.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>

namespace iptlint::eval {

using ir::TargetKind;
using packet::Field;
using packet::Packet;
using packet::Value;

namespace {

/// The next rule to look at in one chain.
struct Frame {
  uint32_t chain;
  uint32_t rule;
};

/// One packet's walk through the rules.
class Walk {
public:
  Walk(const ir::Table &table, const Packet &packet, Oracle &oracle) : table(table), oracle(oracle) {
    outcome.packet = packet;
  }

  Outcome run(uint32_t builtIn);

private:
  bool matches(ir::RuleId id, const ir::Rule &rule);
  void step();
  void obey(ir::RuleId id, const ir::Rule &rule);
  void obeyOpaque(ir::RuleId id, const ir::Rule &rule);
  void act(const ir::Target &target);
  void write(const ir::Write &write);
  void setField(const ir::Write &write);
  void rewriteEverything();
  void endTable(ir::RuleId by, std::string verdict);
  void applyPolicy(const ir::Chain &builtIn);

  const ir::Table &table;
  Oracle &oracle;
  Outcome outcome;
  /// Who called whom; a chain that was gone to stands in the place of the one that went there.
  std::vector<Frame> stack;
  unsigned rewrites = 0;
  bool decided = false;
};

} // namespace

static bool inRanges(Value value, llvm::ArrayRef<ir::Interval> ranges) {
  return llvm::any_of(ranges, [&](ir::Interval range) { return range.lo <= value && value <= range.hi; });
}

static bool holds(const ir::RangeTest &test, const Packet &packet) {
  bool inside =
      inRanges(packet[test.field], test.ranges) || (test.orField && inRanges(packet[*test.orField], test.ranges));
  return inside != test.negated;
}

static bool holds(const ir::MaskTest &test, const Packet &packet) {
  return ((packet[test.field] & test.mask) == test.value) != test.negated;
}

static bool holds(const ir::UnionTest &test, const Packet &packet) {
  auto holdsWhole = [&](const ir::Alternative &alternative) {
    return llvm::all_of(alternative, [&](const auto &part) {
      return std::visit([&](const auto &each) { return holds(each, packet); }, part);
    });
  };
  return llvm::any_of(*test.alternatives, holdsWhole) != test.negated;
}

static bool functionHolds(const ir::OpaqueTest &test, const Packet &packet, Oracle &oracle, unsigned rewrites) {
  if (rewrites != 0)
    return oracle.holdsAfterRewrite(test, rewrites);
  auto known = packet.assume.find(test.text.str());
  return known != packet.assume.end() && known->second;
}

static bool holds(const ir::OpaqueTest &test, const Packet &packet, Oracle &oracle, unsigned rewrites) {
  bool condition =
      test.opacity == ir::Opacity::Stateful ? oracle.meets(test) : functionHolds(test, packet, oracle, rewrites);
  return condition != test.negated;
}

static bool holds(const ir::Test &test, const Packet &packet, Oracle &oracle, unsigned rewrites) {
  if (std::optional<bool> known = oracle.knows(test, packet, rewrites))
    return *known;
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    return holds(*range, packet);
  if (auto *mask = std::get_if<ir::MaskTest>(&test))
    return holds(*mask, packet);
  if (auto *anyOf = std::get_if<ir::UnionTest>(&test))
    return holds(*anyOf, packet);
  return holds(std::get<ir::OpaqueTest>(test), packet, oracle, rewrites);
}

bool meets(const ir::Test &test, const Packet &packet, Oracle &oracle) {
  return holds(test, packet, oracle, 0);
}

/// "LOG --log-prefix x".
static std::string withOptions(const ir::Target &target) {
  return target.options.empty() ? target.name.str() : (target.name + " " + target.options).str();
}

bool Walk::matches(ir::RuleId id, const ir::Rule &rule) {
  oracle.comesTo(id, outcome.packet);
  if (rule.broken)
    return oracle.brokenRuleMatches(rule);
  // From left to right, and no further than the first that fails: a later one with state does not act then.
  auto failing = llvm::find_if_not(
      rule.tests, [&](const ir::Test &test) { return holds(test, outcome.packet, oracle, rewrites); });
  if (failing != rule.tests.end())
    oracle.fails(id, size_t(failing - rule.tests.begin()));
  return failing == rule.tests.end();
}

void Walk::endTable(ir::RuleId by, std::string verdict) {
  outcome.decidedBy = by;
  outcome.verdict = std::move(verdict);
  decided = true;
}

void Walk::write(const ir::Write &write) {
  Value before = outcome.packet[write.field];
  setField(write);
  if (Value after = outcome.packet[write.field]; after != before || !write.known)
    outcome.steps.back().changes.push_back({write.field, before, after, write.known});
}

void Walk::setField(const ir::Write &write) {
  Value copied = outcome.packet[write.from] & write.copy;
  Value &value = outcome.packet[write.field];
  if (write.known) {
    value = (value & write.keep) ^ copied ^ write.flip;
    return;
  }
  Value any = oracle.anyValue(write.field);
  assert(any <= packet::maxValue(write.field, outcome.packet.family) && "the oracle made up a value that cannot be");
  value = (value & write.keep) | (any & ~write.keep);
}

/// A target that lets the packet go on.
void Walk::act(const ir::Target &target) {
  outcome.effects.push_back(withOptions(target));
  if (target.writesIf && !holds(*target.writesIf, outcome.packet))
    return;
  for (const ir::Write &each : target.writes)
    write(each);
  if (target.rewritesUnmodelled)
    ++rewrites;
}

/// All but the hook, which is where the packet is and nothing in it.
void Walk::rewriteEverything() {
  for (unsigned field = 0; field != packet::kFieldCount; ++field)
    if (Field(field) != Field::Hook)
      write({.field = Field(field), .known = false});
  ++rewrites;
}

/// A target nobody knows. One that may stand for a RETURN or for a goto to a chain that ends can
/// also send the packet back to the caller, and one that could not be read to another chain.
void Walk::obeyOpaque(ir::RuleId id, const ir::Rule &rule) {
  if (oracle.opaqueTargetEnds(rule))
    return endTable(id, "?");
  outcome.effects.push_back(withOptions(rule.target));
  rewriteEverything();
  bool mayReturn = rule.broken || rule.target.kind == TargetKind::Goto;
  if (mayReturn && oracle.opaqueTargetReturns(rule))
    stack.pop_back();
  if (!rule.broken)
    return;
  if (std::optional<uint32_t> chain = oracle.brokenRuleJumps(id))
    stack.push_back({*chain, 0});
}

/// What a rule that matched does. The top frame already stands at the rule behind it.
void Walk::obey(ir::RuleId id, const ir::Rule &rule) {
  const ir::Target &target = rule.target;
  bool undefined = (target.kind == TargetKind::Jump || target.kind == TargetKind::Goto) && target.chain == ir::kNoChain;
  if (rule.broken || undefined)
    return obeyOpaque(id, rule);
  switch (target.kind) {
  case TargetKind::None:
    return;
  case TargetKind::Accept:
    return endTable(id, "ACCEPT");
  case TargetKind::Drop:
    return endTable(id, "DROP");
  case TargetKind::Verdict:
    return endTable(id, withOptions(target));
  case TargetKind::Return:
    return stack.pop_back();
  case TargetKind::Jump:
    return stack.push_back({target.chain, 0});
  case TargetKind::Goto:
    stack.back() = {target.chain, 0};
    return;
  case TargetKind::Continue:
    return act(target);
  case TargetKind::Opaque:
    return obeyOpaque(id, rule);
  }
}

void Walk::applyPolicy(const ir::Chain &builtIn) {
  assert(builtIn.policy != ir::Policy::None && "a built-in chain has a policy, stated or not");
  bool accepts =
      builtIn.policy == ir::Policy::Unstated ? oracle.policyAccepts(builtIn) : builtIn.policy == ir::Policy::Accept;
  outcome.verdict = accepts ? "ACCEPT" : "DROP";
}

/// One rule, or the end of a chain.
void Walk::step() {
  Frame &top = stack.back();
  const std::vector<ir::Rule> &rules = table.chains[top.chain].rules;
  if (top.rule == rules.size())
    return stack.pop_back();
  ir::RuleId id{top.chain, top.rule++};
  if (!matches(id, rules[id.rule]))
    return;
  outcome.steps.push_back({id, stack.size(), {}});
  obey(id, rules[id.rule]);
}

Outcome Walk::run(uint32_t builtIn) {
  stack.push_back({builtIn, 0});
  while (!decided && !stack.empty()) {
    assert(stack.size() <= table.chains.size() && "the call graph has a cycle");
    step();
  }
  if (!decided)
    applyPolicy(table.chains[builtIn]);
  return std::move(outcome);
}

Outcome evaluate(const ir::Table &table, const Packet &packet, Oracle &oracle) {
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (table.chains[chain].hook == packet.hook())
      return Walk(table, packet, oracle).run(chain);
  Outcome untouched;
  untouched.verdict = "ACCEPT";
  untouched.packet = packet;
  return untouched;
}

} // namespace iptlint::eval
