// Which packets of a kind a built-in chain accepts, or refuses.
//
// Reach says what becomes of rules; here the question is what becomes of packets: does INPUT accept some packet by eth0
// for port 22? The answer is Yes only with a packet that ends so for certain, whatever the conditions say that are
// not modelled, and No only if no packet can, whatever they say. All else is Unknown.
//
// The table is written anew, twice: every ending that is asked for becomes a goto to a chain with a rule for each
// kind, and the search looks for a packet that meets that rule. For Yes, what is not known is turned against the
// answer (EndingTable.h); for No it stays open.
//
// A kind is asked of the packet as it enters the table; what other tables do is not looked at. A fragment of a table is
// taken for the whole of it: callers leave fragments out.
#pragma once

#include "analysis/CallGraph.h"
#include "packet/Packet.h"
#include <bitset>

namespace iptlint::analysis {

using Fields = std::bitset<packet::kFieldCount>;

enum class Ending : uint8_t {
  Accepted, ///< by ACCEPT or an accepting policy
  Refused,  ///< by DROP, REJECT or a dropping policy
};

enum class Answer : uint8_t { No, Yes, Unknown };

struct Admission {
  Answer answer = Answer::Unknown;
  /// Yes: a packet of the kind that surely ends so, as ordinary as may be.
  packet::Packet packet;
  /// Yes: the rule that ends it; nothing: the policy.
  std::optional<ir::RuleId> by;
};

/// The tests that the packets asked about meet; none of them opaque.
using Kind = std::vector<ir::Test>;

struct AdmitsOptions {
  uint64_t budget = 1'000'000; ///< steps of search per kind
  bool defragmented = false;   ///< as in ReachOptions
  /// Tests that read these count as conditions that are not modelled: what the field may be hangs on
  /// something that is not known (a hardware address, the flow's own ports ...).
  Fields uncertain = {};
  /// Whether to tell No from Unknown: twice the work where a kind is not answered with Yes.
  bool tellNo = true;
};

/// For each of \p kinds, whether a packet of it that enters at \p hook can end so.
/// \param graph  of \p table.
/// All are Unknown where the table does not name the hook's chain, where a jump cycle can be come to from it, and where
/// a target changes a field that some kinds ask for and others do not, or otherwise.
std::vector<Admission> admits(const ir::Table &table, packet::Family family, const CallGraph &graph, packet::Hook hook,
                              Ending ending, llvm::ArrayRef<Kind> kinds, const AdmitsOptions &options);

} // namespace iptlint::analysis
