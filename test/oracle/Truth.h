// What is true of a table, found by running every packet with every sequence of answers through eval.
#pragma once

#include "Answers.h"

namespace iptlint::oracle {

/// One packet's run with one sequence of answers.
struct Trace {
  eval::Outcome outcome;
  std::vector<Question> asked;
  std::vector<const ir::OpaqueTest *> evaluated;
};

/// A space with its packets.
struct Universe {
  explicit Universe(Space of) : space(std::move(of)), packets(everyPacket(space)) {}
  Universe(Space of, std::vector<Packet> packets) : space(std::move(of)), packets(std::move(packets)) {}
  Space space;
  std::vector<Packet> packets;
};

/// Calls visit(packet, trace) for every packet and every sequence of answers, until it returns false.
template <typename Visit>
void forEachRun(const ir::Table &table, const Universe &universe, Visit visit,
                std::optional<uint64_t> afterRewrites = std::nullopt) {
  EveryAnswer answers(universe.space, afterRewrites);
  for (const Packet &packet : universe.packets)
    do {
      answers.begin();
      eval::Outcome outcome = eval::evaluate(table, packet, answers);
      if (!visit(packet, outcome, answers))
        return;
    } while (answers.another());
}

/// Whether a rule is among those that matched.
bool hits(const eval::Outcome &outcome, ir::RuleId id);

/// Every run, in an order that depends on what is asked alone.
std::vector<Trace> tracesOf(const ir::Table &table, const Universe &universe,
                            std::optional<uint64_t> afterRewrites = std::nullopt);

/// Whether verdict, effects and the packet as it left are the same.
bool sameEnd(const eval::Outcome &one, const eval::Outcome &other);

/// Whether nothing that matters tells the two apart: verdict, effects, the packet as it left, and what was
/// asked about state on the way.
bool alike(const Trace &one, const Trace &other);

/// Whether every packet fares in \p other as it does in \p table, whose runs are \p traces. Evaluating an opaque
/// function is no effect: where that is the only difference, runs are compared for each of its values.
bool fareAlike(const ir::Table &table, const std::vector<Trace> &traces, const ir::Table &other,
               const Universe &universe);

/// Whether \p packet hits the rule for some answers.
bool someRunHits(const ir::Table &table, const Space &space, const Packet &packet, ir::RuleId id);

/// The table without one rule.
ir::Table without(const ir::Table &table, ir::RuleId id);

/// Whether no packet at all meets the rule's condition, taken by itself: one of another hook might.
bool neverMatches(const ir::Rule &rule, const Universe &universe);

/// Whether some packet would hit the rule if it had no condition.
bool isReachable(const ir::Table &table, const Universe &universe, ir::RuleId id);

} // namespace iptlint::oracle
