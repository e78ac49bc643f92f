// What becomes of one point from an instruction on, walked forwards rule by rule.
//
// Explanations compare two such walks: from the rule that takes a packet, and from the dead rule that
// would have had it. Conditions with state may fall either way, so a walk has a set of fates.
#pragma once

#include "analysis/BoxIndex.h"
#include <set>
#include <string>

namespace iptlint::analysis {

/// A fate is written as one text: the effects on the way, then the verdict.
using FateSet = std::set<std::string>;

/// The verdict a target gives or the effect it has, as a text to compare: "DNAT --to-destination 10.0.0.1:80".
std::string targetText(const ir::Rule &rule);

class Fates {
public:
  Fates(const Program &program, const ir::Table &table) : program(program), table(table) {}

  /// The fates of \p point if \p pc matches it now and the walk goes on from there.
  /// \param calls  the calls that the walk is in, outermost first.
  /// \param hook  the block the packet entered by, whose policy ends the walk.
  FateSet from(Pc pc, const std::vector<Pc> &calls, BlockId hook, const Point &point);

  /// The stop that ended the first of these walks; kNone: a policy did.
  Pc decidedBy() const { return decider; }

private:
  struct Walk {
    std::vector<Pc> calls;
    std::string effects;
  };
  void run(Walk walk, Pc pc, bool matched);
  bool step(Walk &walk, Pc &pc, bool &matched);
  void end(const Walk &walk, const std::string &verdict, Pc by);
  Pc nextMatch(BlockId block, Pc from);
  bool comeBack(Walk &walk, Pc &pc);
  std::string policyText(BlockId hook) const;

  static constexpr size_t kMaxFates = 16;

  const Program &program;
  const ir::Table &table;
  std::map<BlockId, BoxIndex> all; ///< every instruction of a block, made when first needed
  const Point *point = nullptr;
  BlockId hookBlock = kNone;
  FateSet fates;
  Pc decider = kNone;
};

} // namespace iptlint::analysis
