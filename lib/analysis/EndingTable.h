// A table written anew so that who ends a packet becomes a question of who reaches a rule.
//
// Every ending that is asked for leads to a chain of questions, one rule for each kind of packets. What is not known
// can be read in two ways:
//
//   Surely     turned against the ending: a rule that may match refuses what it would refuse and lets go on what it
//              would accept, and what may do anything refuses. Nothing in the table is unknown then, and a packet that
//              comes to a question ends so in the real table however its unknowns fall.
//   Possibly   left open: if no packet comes to a question, none ends so.
//
// (For Ending::Refused the other way round: "refuses" reads as "accepts".)
#pragma once

#include "analysis/Admits.h"

namespace iptlint::analysis {

enum class Certainty : uint8_t { Surely, Possibly };

struct EndingTable {
  /// Chains and rules are numbered as in the table it was made from; chains that the hook does not lead to are empty.
  ir::Table table;
  uint32_t questions = 0; ///< the chain of questions: its rules are the kinds, in order
  uint32_t walk = 0;      ///< the chain whose only goto is the policy, where that ends as asked
  bool open = false;      ///< something in the table is not known: Surely and Possibly may differ
  bool boundless = false; ///< it may do anything to the packet, so that nothing can be ruled out
  bool rewritten = false; ///< what only some of the kinds ask for may be changed on the way: then nothing can be told
};

/// \param base  the hook's chain in \p table.
EndingTable writeForEnding(const ir::Table &table, const CallGraph &graph, uint32_t base, Ending ending,
                           llvm::ArrayRef<Kind> kinds, const Fields &uncertain, Certainty certainty);

} // namespace iptlint::analysis
