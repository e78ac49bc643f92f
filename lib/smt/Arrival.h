// Whether a packet gets to a rule of a table, answered by Z3.
//
// The account of what is live and dead that shares nothing with analysis: for a claim that some rules leave
// another one no packet (a certificate), and for rules that the search gave up. A table is looked at by itself, from
// every hook that it names, for every packet, starting mark and value of what is unknown.
#pragma once

#include "smt/Equivalent.h"
#include "smt/Weakened.h"

namespace iptlint::smt {

enum class Arrives : uint8_t { Yes, No, Unknown };

struct Arrival {
  Arrives answer = Arrives::Unknown;
  std::string reason;                   ///< for Unknown
  std::optional<packet::Packet> packet; ///< Yes: one that gets there as it enters the table, made small
  Decision way;                         ///< Yes: what is presumed on the packet's way there; its verdict says nothing
  unsigned queries = 0;                 ///< asked of the solver
  double seconds = 0;                   ///< spent in the solver
};

class Arrivals {
public:
  /// \param table  one of \p ruleset, whole: of a fragment nothing is known. Both must outlive this.
  Arrivals(const ir::Ruleset &ruleset, const ir::Table &table);

  /// Whether some packet meets the condition of \p rule, and gets to it.
  /// \param budget  wall time for the solver. Never No on a timeout.
  /// Unknown also where a rule on the way could not be read, where jumps lead in a circle, and where a packet gets
  /// there only by way of an opaque target. Lets no exception out.
  Arrival ask(ir::RuleId rule, std::chrono::milliseconds budget) const;

  /// Likewise, where only \p takers take packets away (Weakened.h): where the answer is No, they leave the rule
  /// none. Yes says that others are needed, and nothing of the rule.
  Arrival askWith(ir::RuleId rule, const std::set<ir::RuleId> &takers, std::chrono::milliseconds budget) const;

private:
  Arrival askAt(const ir::Table &asking, std::chrono::milliseconds budget) const;

  const ir::Ruleset &ruleset;
  const ir::Table &table;
  Weakener weakener;
  bool defragmented; ///< some table of the rule set tracks connections: no rule sees a fragment
};

} // namespace iptlint::smt
