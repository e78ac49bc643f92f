#include "Truth.h"

namespace iptlint::oracle {

bool hits(const eval::Outcome &outcome, ir::RuleId id) {
  return llvm::any_of(outcome.steps, [&](eval::Step step) { return step.rule == id; });
}

std::vector<Trace> tracesOf(const ir::Table &table, const Universe &universe, std::optional<uint64_t> afterRewrites) {
  std::vector<Trace> traces;
  auto keep = [&](const Packet &, eval::Outcome &outcome, EveryAnswer &answers) {
    traces.push_back({std::move(outcome), answers.asked(), answers.evaluated()});
    return true;
  };
  forEachRun(table, universe, keep, afterRewrites);
  return traces;
}

bool sameEnd(const eval::Outcome &one, const eval::Outcome &other) {
  return one.verdict == other.verdict && one.effects == other.effects && one.packet == other.packet;
}

bool alike(const Trace &one, const Trace &other) {
  return sameEnd(one.outcome, other.outcome) && one.asked == other.asked;
}

static bool allAlike(llvm::ArrayRef<Trace> one, llvm::ArrayRef<Trace> other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), alike);
}

bool fareAlike(const ir::Table &table, const std::vector<Trace> &traces, const ir::Table &other,
               const Universe &universe) {
  std::vector<Trace> otherTraces = tracesOf(other, universe);
  auto aboutFunctions = [](const Question &question) { return question.kind == Question::HoldsAfterRewrite; };
  auto asksThem = [&](const Trace &trace) { return llvm::any_of(trace.asked, aboutFunctions); };
  if (llvm::none_of(traces, asksThem) && llvm::none_of(otherTraces, asksThem))
    return allAlike(traces, otherTraces);
  uint64_t values = uint64_t(1) << (universe.space.functions.size() * EveryAnswer::kMaxRewrites);
  for (uint64_t value = 0; value != values; ++value)
    if (!allAlike(tracesOf(table, universe, value), tracesOf(other, universe, value)))
      return false;
  return true;
}

bool someRunHits(const ir::Table &table, const Space &space, const Packet &packet, ir::RuleId id) {
  EveryAnswer answers(space);
  do {
    answers.begin();
    if (hits(eval::evaluate(table, packet, answers), id))
      return true;
  } while (answers.another());
  return false;
}

ir::Table without(const ir::Table &table, ir::RuleId id) {
  ir::Table rest = table;
  std::vector<ir::Rule> &rules = rest.chains[id.chain].rules;
  rules.erase(rules.begin() + id.rule);
  return rest;
}

/// The packet with every interface, those included that it cannot have at its hook.
static std::vector<Packet> withAnyInterface(const Packet &packet, const Space &space) {
  std::vector<Packet> packets;
  for (Value in : space.of(Field::In))
    for (Value out : space.of(Field::Out)) {
      packets.push_back(packet);
      packets.back()[Field::In] = in;
      packets.back()[Field::Out] = out;
    }
  return packets;
}

bool neverMatches(const ir::Rule &rule, const Universe &universe) {
  if (rule.broken)
    return false;
  EveryAnswer answers(universe.space);
  auto meetsAll = [&](const Packet &packet) {
    return llvm::all_of(rule.tests, [&](const ir::Test &test) { return eval::meets(test, packet, answers); });
  };
  auto mayMeetAll = [&](const Packet &packet) {
    do {
      answers.begin();
      if (meetsAll(packet))
        return true;
    } while (answers.another());
    return false;
  };
  return llvm::none_of(universe.packets, mayMeetAll) && llvm::none_of(universe.packets, [&](const Packet &packet) {
           return llvm::any_of(withAnyInterface(packet, universe.space), mayMeetAll);
         });
}

bool isReachable(const ir::Table &table, const Universe &universe, ir::RuleId id) {
  ir::Table open = table;
  ir::Rule &rule = open.chains[id.chain].rules[id.rule];
  rule.tests.clear();
  rule.broken = false;
  bool reached = false;
  forEachRun(open, universe, [&](const Packet &, const eval::Outcome &outcome, EveryAnswer &) {
    reached = hits(outcome, id);
    return !reached;
  });
  return reached;
}

} // namespace iptlint::oracle
