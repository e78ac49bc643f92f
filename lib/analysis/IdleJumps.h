// Which live jumps lead to nothing: no packet that comes by the jump meets a rule, in the chains behind it, that
// decides or does anything.
//
// Others may come to the same chains by other jumps and meet such rules. So each way from the jump down to such a rule
// is asked for by itself: a packet would have to get to the jump, to the next jump, and so on, and rules that surely
// take packets before each of these must leave it some. Shown by a cover (Cover.h); where that does not show it, the
// jump counts as leading to something.
#pragma once

#include "analysis/Liveness.h"

namespace iptlint::analysis {

class IdleJumps {
public:
  /// \param liveness  has been run.
  IdleJumps(const Program &program, const ir::Table &table, Liveness &liveness);

  /// Fills in leadsToNothing for the live jumps of a chain.
  void judge(uint32_t chain, std::vector<RuleReach> &rules);

private:
  /// An instruction on a way, which a packet must get to in its block.
  using Way = llvm::SmallVector<Pc, 8>;
  /// The instructions of a block, without those of dead rules.
  struct Doing {
    BoxIndex acting;  ///< those that act
    BoxIndex leading; ///< those that lead to blocks where some do
  };

  bool acts(Pc pc) const;
  bool isDead(Pc pc) const;
  bool leads(Pc pc) const;
  const Doing &indexOf(BlockId block);
  bool leadsToNothing(ir::RuleId jump);
  bool isSeenToAct(BlockId block, const Region &region, Way &way, unsigned &tries);
  bool isIdle(BlockId block, const Region &region, Way &way);
  bool isClosed(const Region &region, const Way &way);
  bool goesAlong(const Point &point, const Way &way);
  bool someGoAlong(const Region &region, const Way &way);

  const Program &program;
  const ir::Table &table;
  Liveness &liveness;
  std::vector<bool> someAct;        ///< by block: some instruction of it, or behind it, acts
  std::map<BlockId, Doing> indexed; ///< made when first needed
  unsigned waysLeft = 0;            ///< to be asked about for one jump
};

} // namespace iptlint::analysis
