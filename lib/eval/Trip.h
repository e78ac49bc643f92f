// What happened to a packet on its way through a machine: steps in their order, and where it ended. Plain data.
#pragma once

#include "eval/Connection.h"
#include "eval/Eval.h"
#include "eval/OpenFields.h"
#include "eval/Routing.h"

namespace iptlint::eval {

/// A rule of one of a rule set's tables.
struct TableRule {
  uint32_t table = 0; ///< index into ir::Ruleset::tables
  ir::RuleId rule;
  auto operator<=>(const TableRule &) const = default;
};

enum class StepKind : uint8_t {
  Rule,      ///< a rule that matched
  Policy,    ///< a built-in chain came to its end
  Routing,   ///< a decision, or that it is made once more
  Rewritten, ///< by conntrack, as the first packet of the flow was: no rule did it
  Remark,    ///< what else is worth saying: a table that is not asked
};

struct TripStep {
  StepKind kind = StepKind::Remark;
  packet::Hook hook = packet::Hook::Prerouting; ///< of Routing: the last one before it
  TableRule rule;   ///< of Rule; of Policy the chain alone counts; of a Remark about one, the table alone
  size_t depth = 0; ///< of Rule: as Step::depth
  std::vector<Change> changes;
  std::optional<Decision> decision; ///< of Routing
  bool accepted = false;            ///< of Policy
  std::string text;                 ///< what a person is told beside; may be empty
};

enum class Ending : uint8_t {
  Forward, ///< out of an interface
  Input,   ///< to a local socket
  Output,  ///< a packet of this machine, out of an interface
  Drop,
  Reject,
  None, ///< routing or the stack discarded it
  Unknown,
};
/// "forward" ...
llvm::StringRef name(Ending ending);

/// A rule that was watched: what came of it, once for each time the packet came to it.
struct Visit {
  TableRule rule;
  packet::Hook hook = packet::Hook::Prerouting;
  packet::Packet packet;        ///< as it came to it
  std::optional<size_t> failed; ///< the first test that did not hold; none: it matched
};

struct Trip {
  std::vector<TripStep> steps;
  Ending ending = Ending::Unknown;
  std::string reason; ///< of Reject its answer; of None and Unknown, why
  std::string out;    ///< the interface it left by; empty if it did not
  std::optional<packet::Value> nextHop;
  packet::Family nextHopFamily = packet::Family::IPv4;
  /// Of a packet of this machine to a broadcast address: what became of the copy that comes back, among the steps.
  std::optional<Ending> copy;
  std::string copyReason;       ///< as `reason`
  std::optional<uint16_t> icmp; ///< the error that the sender gets: 256 * type + code
  packet::Packet sent;          ///< as it set out, with the source that routing chose
  packet::Packet packet;        ///< as it was in the end
  OpenFields open;              ///< of its fields
  Connection flow;              ///< as conntrack has it in the end
  std::vector<Visit> visits;
};

} // namespace iptlint::eval
