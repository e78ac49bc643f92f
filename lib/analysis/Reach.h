// Which packets get as far as each rule of a table, and who takes the rest.
//
// For every rule one question: does some packet, entering the table at some hook, get to this rule
// and meet its condition? The answer is exact across user chains, jump, goto, RETURN, policies,
// rules that do not end the walk, and marks set on the way. Unknown conditions are unknown values
// (Opacity::Function) or may fall either way at every evaluation (Opacity::Stateful). docs/algorithm.md
// tells how; the hard part is coNP, so there is a step budget, and over it the answer is Unknown.
#pragma once

#include "analysis/CallGraph.h"
#include "analysis/Order.h"
#include "packet/Packet.h"
#include <functional>
#include <optional>
#include <set>

namespace iptlint::analysis {

enum class Status : uint8_t { Live, Dead, Unknown };

/// Why a rule is dead.
enum class DeadBecause : uint8_t {
  NeverMatches, ///< its condition alone is empty
  Unreachable,  ///< no packet arrives, whatever the condition
  NotArriving,  ///< packets arrive, but none that meets the condition ever enters this chain
  Taken,        ///< earlier rules take every packet that would
};

/// How a taken rule's packets fare, compared with what the rule asks for.
///
/// A packet fares as the rule asks if what happens to it from the rule on that surely takes it away (that rule's
/// verdict, or, where it is a jump, all that the called chain does; for RETURN and goto all that follows) is what would
/// happen from the dead rule on, where the packet would come to it first. Effects before the taker are common
/// to both and do not count, nor do those between the two, nor who takes a packet by chance.
///
/// A rule is shadowed if its packets are not all covered by agreeing takers: rules whose packets of it
/// fare as it asks, each of which gets some. Where they are covered the rule adds nothing to these takers: what
/// is excepted before them is excepted before it as well, and a chain that begins by dropping INVALID
/// packets does not turn every duplicate behind it into a contradiction.
enum class Agreement : uint8_t {
  Differs,   ///< agreeing takers alone do not cover its packets: shadowed
  Duplicate, ///< they do, and one of them has the same normal form
  Same,      ///< they do: redundant
  Undecided, ///< neither could be shown: too many takers, or over the budget of steps
};

/// A rule that decides packets a later rule asks for, or sends them away (RETURN, goto).
struct Taker {
  ir::RuleId rule;
  /// The jumps and gotos from where the two rules' ways part down to `rule`; empty in the same chain.
  std::vector<ir::RuleId> path;
};

struct RuleReach {
  Status status = Status::Unknown;
  /// Live: a packet that gets here and matches, as it enters the table at its hook.
  std::unique_ptr<const packet::Packet> witness;
  /// Live: the conditions with state that must fall a certain way for the witness to get here, by text.
  std::vector<std::pair<std::string, bool>> assumedState;
  DeadBecause because = DeadBecause::Taken;
  Agreement agreement = Agreement::Differs;   ///< for DeadBecause::Taken
  /// Together they take every packet of the rule and none can be spared, or where ReachOptions::everyTaker asks for them all
  /// that take some. For Unreachable: of every packet that would arrive, given for the first rule of a run only.
  std::vector<Taker> takers;
  bool takersIncomplete = false;              ///< there are too many to name; these are some of them
  std::optional<Taker> contrary;              ///< the largest that decides otherwise, for Agreement::Differs
  std::string reason;                         ///< for Unknown
  /// Dead, but some packet gets as far as a condition of this rule that acts when it is evaluated
  /// (recent, limit ...): the rule must stay.
  bool hasEffectWhenDead = false;
  /// Live, and without it no packet's verdict or effects would change.
  bool redundantWhenLive = false;
  /// A live jump to a chain that neither decides nor does anything for the packets that come by it.
  bool leadsToNothing = false;
  std::optional<ir::RuleId> madeRedundantBy;  ///< the later rule that does the same for its packets; none: the policy, or the chain's end
};

struct TableReach;

struct ReachOptions {
  /// Steps of search per rule before it is given up as Unknown.
  uint64_t budget = 1'000'000;
  /// Some table that is loaded with this one uses conntrack, so fragments are put together before any
  /// rule sees them and Field::Fragment is always 0 (KERNEL fact 13).
  bool defragmented = false;
  /// Rules are copied to follow what they write to packets. Where there would be more instructions than this, conditions
  /// that read what was written are taken as unknown. Not given: more than real tables need and still quick to search.
  std::optional<size_t> mostInstructions = std::nullopt;
  /// Whether to find a witness to show for each live rule.
  bool witnesses = false;
  /// Whether to find takers and live redundancy too, or liveness only.
  bool explain = true;
  /// Whether to find, of these, live redundancy only.
  bool onlyRedundancy = false;
  /// Where given, `together` is found of the rules for which it holds.
  std::function<bool(ir::RuleId)> mayGo = nullptr;
  /// Whether to name every rule that takes some packet of a dead one.
  bool everyTaker = false;
  /// What else is to be found out.
  Extras extras = {};
  /// Where given, rules for which it does not hold are merged with none.
  std::function<bool(ir::RuleId)> mayMerge = nullptr;
  /// Where given, it is told the status of each rule and says of which dead rules takers are wanted; no live redundancy
  /// is looked for then.
  std::function<std::set<ir::RuleId>(const TableReach &)> explainOnly = nullptr;
};

struct TableReach {
  /// By chain and rule. Rules of chains on or behind a cycle are Unknown.
  std::vector<std::vector<RuleReach>> rules;
  /// Redundant live rules that may all go at once, for ReachOptions::mayGo; ascending.
  std::vector<ir::RuleId> together;
  // For Extras, each in the order of its first rule.
  std::vector<Merge> merges;
  std::vector<General> generals;
  std::vector<Overlap> overlaps;
  std::vector<Delay> delays;
  const RuleReach &operator[](ir::RuleId id) const { return rules[id.chain][id.rule]; }
};

TableReach computeReach(const ir::Table &table, packet::Family family, const CallGraph &graph, const ReachOptions &options);

/// Whether any rule of the table makes the kernel track connections, or at least put fragments together (socket, TPROXY).
bool usesConntrack(const ir::Table &table);

} // namespace iptlint::analysis
