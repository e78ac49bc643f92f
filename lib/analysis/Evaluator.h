// What happens to one point of the space: who blocks it in a block, can it come back, does it get here.
//
// Per point and block, three facts suffice, and none needs a call stack, because a chain's way with a
// packet does not depend on who called it:
//   blocker    the first instruction that surely ends the packet's walk through the block: a stop, return
//              or goto that matches, or a call into a block that the packet can't come back from
//   canReturn  some run of the packet through the block ends with a return to the caller
//   reaches    some run of the packet from a hook enters the block
// Instructions that may fall either way never block. Facts are kept until the point changes.
//
// Recursive along the graph of blocks: run on a stack that fits Program::depth (Reach.cpp sees to it).
#pragma once

#include "analysis/BoxIndex.h"

namespace iptlint::analysis {

/// The instructions of each block, indexed by what they can do. Dead ones are left out as they become known.
class Indices {
public:
  explicit Indices(const Program &program);

  struct OfBlock {
    BoxIndex stops;    ///< sure stops
    BoxIndex leaves;   ///< sure returns and gotos
    BoxIndex mayLeave; ///< returns and gotos that may fall either way
    BoxIndex calls;    ///< sure calls
    BoxIndex mayDo;    ///< whatever may fall either way and is not a probe
    BoxIndex sites;    ///< instructions of other blocks that lead here
  };
  const OfBlock &operator[](BlockId block) const { return blocks[block]; }

  // Of one instruction, dead or not; those with many boxes, as sets have them, are indexed.
  bool anyContains(Pc pc, const Point &point) const;
  bool anyAround(Pc pc, const Region &region) const;
  void addOverlapping(Pc pc, const Region &region, std::vector<Box> &boxes) const;

  /// Builds the index of a block's sites without those that are dead. Callers come first.
  void indexSites(BlockId block, const std::vector<bool> &dead);
  /// Builds the index of a block's own instructions without those that are dead.
  void indexCode(BlockId block, const std::vector<bool> &dead);

private:
  const Program &program;
  std::vector<OfBlock> blocks;
  std::map<Pc, BoxIndex> large;
};

/// Restricts which instructions block, to find out who is needed as a taker.
struct Restriction {
  /// Stops that block: only these, ascending.
  std::vector<Pc> stops;
  /// In these blocks, returns and gotos block only where listed here; they may still be taken.
  const std::vector<bool> *ancestors = nullptr;
  std::vector<Pc> leaves;
};

class Evaluator {
public:
  Evaluator(const Program &program, const Indices &indices);

  /// The point that questions are about from now on.
  void moveTo(const Point &point);
  const Point &point() const { return current; }

  /// Only what \p restriction allows blocks from now on; null: everything does.
  void restrict(const Restriction *restriction);
  bool isRestricted() const { return restriction != nullptr; }

  /// kNone if nothing blocks the point in the block.
  Pc blocker(BlockId block);
  bool canReturn(BlockId block);
  bool reaches(BlockId block);
  /// Whether the point gets as far as the instruction.
  bool reachesInstruction(Pc pc) { return blocker(program.code[pc].block) >= pc && reaches(program.code[pc].block); }
  bool entersFromHook(BlockId block) const;

  /// The first sure stop, return or goto in the block before \p limit that contains the point and counts as a blocker.
  Pc firstStopOrLeave(BlockId block, Pc limit) const;
  /// Likewise the first that holds the whole region; kNone if there is none.
  Pc firstAround(BlockId block, const Region &region, Pc limit) const;
  /// Boxes of all of them that overlap the region.
  void collectOverlapping(BlockId block, const Region &region, Pc limit, std::vector<Box> &boxes) const;

  /// Counts the facts worked out, as a measure of time.
  uint64_t work = 0;

private:
  struct Facts {
    uint32_t blockerStamp = 0, returnStamp = 0, reachStamp = 0;
    Pc blocker = kNone;
    bool returns = false, reached = false;
  };
  Pc findBlocker(BlockId block);
  bool findReturn(BlockId block);
  bool findReach(BlockId block);

  const Program &program;
  const Indices &indices;
  const Restriction *restriction = nullptr;
  Point current;
  uint32_t stamp = 1;
  std::vector<Facts> facts;
};

} // namespace iptlint::analysis
