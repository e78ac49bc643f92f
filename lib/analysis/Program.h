// A table made ready for the search: conditions are boxes in a Space, marks are gone.
//
// A Block is a chain as it is met in one state of the packet (what targets have written so far, as
// a function of the packet that entered). Where a write matters to a later test, the rule that writes becomes a
// goto to a block that holds the rest of the chain in the new state (Lower.h says how). So every
// condition in a Program is a condition on the packet as it entered the table, and the walk through
// blocks knows only jumps, gotos and returns.
#pragma once

#include "analysis/Space.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::analysis {

/// A constraint on one dimension; both ends inclusive.
struct Bounds {
  DimensionId dim;
  Rank lo, hi;
};

/// A box: one Bounds for each dimension that it constrains, ascending. Never empty of points.
using Box = llvm::ArrayRef<Bounds>;

using Pc = uint32_t; ///< index of an instruction; ascending along each block
using BlockId = uint32_t;
constexpr uint32_t kNone = ~uint32_t(0);

enum class Action : uint8_t {
  Stop,   ///< the table ends for the packet
  Pass,   ///< the walk goes on
  Return, ///< back to the caller
  Goto,   ///< on to another block, whose end is this block's end
  Call,   ///< into another block, then on
};

struct Instruction {
  Action action = Action::Pass;
  /// May fall either way at each evaluation, for packets in its boxes: it has a condition with state, or is broken.
  bool maybe = false;
  /// Its boxes hold more packets than meet its condition: what was too large to express. Always `maybe`.
  bool approximate = false;
  /// Made for the walk alone (the end of a continuation): no rule of the table.
  bool synthetic = false;
  /// A goto by which the same walk goes on in a new state: the packet is not sent away.
  bool continues = false;
  /// Stands for a rule's first condition with state being evaluated, not for the rule.
  bool probe = false;
  ir::RuleId origin;
  BlockId block = kNone;
  BlockId target = kNone; ///< Goto and Call
  uint32_t firstBox = 0, endBox = 0;
};

struct Block {
  uint32_t chain = 0; ///< the chain whose rules it holds
  Pc first = 0, end = 0;
  bool isHook = false;
  uint32_t firstEntry = 0, endEntry = 0; ///< boxes of the packets that enter here from a hook
};

struct Program {
  explicit Program(packet::Family family) : space(family) {}

  Space space;
  std::vector<Instruction> code;
  std::vector<Block> blocks;
  std::vector<BlockId> callersFirst;       ///< blocks, callers before callees
  std::vector<std::vector<Pc>> sites;      ///< by block: the Calls and Gotos that lead there
  std::vector<std::vector<Pc>> byRule;     ///< by rule, numbered through the table: its instructions
  std::vector<size_t> firstRuleOfChain;    ///< index into byRule
  std::vector<bool> neverMatches;          ///< by rule, numbered likewise: its condition alone is empty
  unsigned depth = 0;                      ///< the longest path of blocks

  Box box(uint32_t id) const {
    return llvm::makeArrayRef(bounds).slice(boxStarts[id], boxStarts[id + 1] - boxStarts[id]);
  }
  /// Adds a box and returns its number.
  uint32_t addBox(Box box) {
    bounds.insert(bounds.end(), box.begin(), box.end());
    boxStarts.push_back(uint32_t(bounds.size()));
    return uint32_t(boxStarts.size() - 2);
  }
  /// Makes room for what is known of each of the table's rules: firstRuleOfChain, byRule and neverMatches.
  void numberRules(const ir::Table &table);
  /// Fills in sites, byRule, callersFirst and depth, once all code is there.
  void link();
  /// Whether a point lies in a box of the instruction.
  bool matches(Pc pc, const Point &point) const;
  /// The instructions of a rule, in each state it is met in.
  llvm::ArrayRef<Pc> instructionsOf(ir::RuleId id) const { return byRule[firstRuleOfChain[id.chain] + id.rule]; }

private:
  void linkSites();
  void orderBlocks();

  std::vector<Bounds> bounds;
  std::vector<uint32_t> boxStarts{0};
};

inline bool contains(Box box, const Point &point) {
  for (const Bounds &b : box)
    if (point[b.dim] < b.lo || point[b.dim] > b.hi)
      return false;
  return true;
}

} // namespace iptlint::analysis
