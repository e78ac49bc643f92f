// What happens to one packet in one table at one hook, written to be obviously right.
//
// This is the judge of the other accounts: it walks the rules as the kernel does, one after the
// other, with an explicit stack, and shares nothing with analysis and smt but the field table. It
// is not fast and should not be made so.
//
// What is not known is asked of an Oracle, at the moment it is evaluated: conditions with state,
// opaque targets, values that a target makes up, and policies the text does not state.
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"

namespace iptlint::eval {

/// Answers what the rules leave open. Asked in the order the kernel would come to it.
class Oracle {
public:
  virtual ~Oracle() = default;
  /// The walk comes to a rule and is about to ask whether it matches.
  virtual void comesTo(ir::RuleId rule, const packet::Packet &packet) {}
  /// It does not match, since a test of it, counted from 0, does not hold.
  virtual void fails(ir::RuleId rule, size_t test) {}
  /// Whether a test holds, where that is known better than from the fields of the packet: of a field whose value is
  /// open. Nothing: its fields decide, and what stands below. \p rewrites as for holdsAfterRewrite().
  virtual std::optional<bool> knows(const ir::Test &test, const packet::Packet &packet, unsigned rewrites) {
    return std::nullopt;
  }
  /// Whether a condition with state holds this time; the caller applies OpaqueTest::negated.
  virtual bool meets(const ir::OpaqueTest &test) = 0;
  /// Whether an opaque function of the packet holds (without its negation) after a target rewrote parts of
  /// the packet that are not modelled. \p rewrites counts the rewritings so far: the same text and the same count must
  /// get the same answer. (Before any rewriting, Packet::assume decides.)
  virtual bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) = 0;
  /// The value for a field that a target set to something unknown.
  virtual packet::Value anyValue(packet::Field field) = 0;
  /// What an opaque target, or a broken rule's, does: it ends the table (true) or the packet goes on.
  virtual bool opaqueTargetEnds(const ir::Rule &rule) = 0;
  /// Whether the packet goes on at the caller rather than at the next rule. Asked, where the table did not
  /// end, of rules that may stand for a RETURN or a goto: broken ones and gotos to undefined chains.
  virtual bool opaqueTargetReturns(const ir::Rule &rule) { return false; }
  /// Whether a broken rule matches.
  virtual bool brokenRuleMatches(const ir::Rule &rule) = 0;
  /// The chain that a broken rule, for it did not end the table, jumps to; nothing: to none. Never one that leads back to
  /// the rule's own.
  virtual std::optional<uint32_t> brokenRuleJumps(ir::RuleId rule) { return std::nullopt; }
  /// Whether a policy that is not stated accepts.
  virtual bool policyAccepts(const ir::Chain &chain) = 0;
};

/// What a rule wrote to a field; `to` is no value where Oracle::anyValue() gave it.
struct Change {
  packet::Field field;
  packet::Value from = 0, to = 0;
  bool known = true;
};

/// A rule that matched, in the order they did.
struct Step {
  ir::RuleId rule;
  size_t depth = 0;            ///< how many chains called each other to come to it; 1 in the built-in one
  std::vector<Change> changes; ///< fields that it gave another value
};

/// How the table ended for the packet.
struct Outcome {
  /// The rule that gave the verdict; none: the policy of the built-in chain did.
  std::optional<ir::RuleId> decidedBy;
  /// "ACCEPT", "DROP", or a verdict target with its options: "DNAT --to-destination 10.0.0.1:80";
  /// "?" if an opaque target decided.
  std::string verdict;
  /// What the rules on the way did, in order: targets of kind Continue and opaque ones that let the
  /// packet go on, with their options.
  std::vector<std::string> effects;
  /// Every rule that matched, in order.
  std::vector<Step> steps;
  /// The packet as it left.
  packet::Packet packet;
};

/// Whether a packet meets one test, before any rewriting.
bool meets(const ir::Test &test, const packet::Packet &packet, Oracle &oracle);

/// Runs \p packet through the built-in chain of \p table that its Field::Hook names; where the text does not
/// name that chain, the verdict is ACCEPT by policy. Call graphs must be free of cycles.
Outcome evaluate(const ir::Table &table, const packet::Packet &packet, Oracle &oracle);

} // namespace iptlint::eval
