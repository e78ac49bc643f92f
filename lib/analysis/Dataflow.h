// What the chains of a table read of a packet, what they write, and what may be read once they have ended.
#pragma once

#include "analysis/CallGraph.h"
#include "analysis/State.h"

namespace iptlint::analysis {

/// By chain; for chains on or behind a cycle nothing is known.
struct Dataflow {
  Dataflow(const ir::Table &table, const CallGraph &graph);

  std::vector<Parts> reads, writes; ///< by the chain with all that it leads to
  std::vector<Parts> readsAfter;    ///< by what may follow when the chain has ended, whoever called it

  /// A rule together with the chain it leads to.
  Parts readsOf(const ir::Rule &rule) const;
  /// What the rule's target copies or depends on, where it matters to any rule of the table.
  Parts readsOfTarget(const ir::Rule &rule) const;
  Parts writesOf(const ir::Rule &rule) const;

private:
  void findRead(const ir::Table &table);
  void passReadsToCallees(const ir::Chain &chain, uint32_t id);

  Parts readAnywhere; ///< by conditions, or by targets that copy it to what is read
};

} // namespace iptlint::analysis
