// Which live rules could go: without them later rules do the same for their packets.
//
// Rule i may go exactly if no packet that i takes would meet a rule that does otherwise first. For
// each later rule k that does otherwise (the chain's end counts as one), the packets of both must be covered by rules before i
// and by rules between i and k that do as i does, dead ones included. Asked here of one chain by
// itself: what called chains take before i counts for nothing, and a later jump counts as doing otherwise,
// so some redundancy through chains goes unnoticed; what is reported holds.
#pragma once

#include "analysis/Cover.h"
#include "analysis/Liveness.h"

namespace iptlint::analysis {

class Redundant {
public:
  Redundant(const Program &program, const ir::Table &table, const Liveness &liveness);

  /// Fills in redundantWhenLive and madeRedundantBy for the live rules of a chain.
  void judge(uint32_t chain, std::vector<RuleReach> &rules);

private:
  /// What instructions do, as numbers to compare; kNone: something of their own.
  uint32_t actionOf(Pc pc);
  uint32_t endActionOf(BlockId block) const;
  void indexLater(BlockId block);
  bool mayGo(Pc pc);
  uint32_t actionAt(Pc pc) const { return actionOfPc[pc - program.blocks[block].first]; }
  bool takes(Pc pc, const Point &point) const;
  bool endsOtherwise(Pc pc, Pc target, const Point &point, uint32_t action) const;
  bool cornersAgree(Pc pc, const Region &region, uint32_t action) const;
  bool covered(Pc pc, const Region &region, Pc target, uint32_t action);
  bool regionMayGo(Pc pc, const Region &region, uint32_t action);

  const Program &program;
  const ir::Table &table;
  const Liveness &liveness;
  std::map<std::pair<llvm::StringRef, llvm::StringRef>, uint32_t> actions;
  std::vector<uint32_t> actionOfPc; ///< of the current block
  BlockId block = kNone;
  BoxIndex later;  ///< whatever a packet may notice in the current block
  int64_t steps = 0;
};

} // namespace iptlint::analysis
