// Whether a rule could stand further up in its chain without any packet noticing.
//
// It could if each rule that it would pass either has no packet in common with it, as the packets enter the table, or
// does just the same and nothing else: the same verdict, without a condition that keeps state. And none of those it
// would pass may write what it reads, nor read what it writes.
#pragma once

#include "analysis/BoxIndex.h"
#include "analysis/Dataflow.h"

namespace iptlint::analysis {

class Moves {
public:
  Moves(const Program &program, const ir::Table &table, const CallGraph &graph)
      : program(program), table(table), flow(table, graph) {}

  /// Whether \p rule could stand where rule \p to of its chain stands, and that one and all between behind it.
  /// \p to  at most the rule's own number. False where it is not known: of rules that are met in several states, that
  /// have a condition with state or one that is not exact, and where too many rules would have to be looked at.
  /// \param apart  whether it is to have no packet in common with those that it passes, even if they do the same.
  bool mayMoveUp(ir::RuleId rule, uint32_t to, bool apart = false);

  /// Whether what the rule's target does, called chains included, may change \p field.
  bool mayWrite(const ir::Rule &rule, Field field) const { return flow.writesOf(rule).fields >> unsigned(field) & 1; }

private:
  const ir::Rule &ruleOf(ir::RuleId id) const { return table.chains[id.chain].rules[id.rule]; }
  bool isIndependent(ir::RuleId rule, uint32_t to);
  bool doesJustTheSame(Pc pc, const ir::Rule &moved) const;
  void indexBlock(BlockId block);

  const Program &program;
  const ir::Table &table;
  Dataflow flow;
  BlockId block = kNone; ///< the one that is indexed
  BoxIndex all;          ///< its instructions
  uint32_t chain = kNone;
  std::vector<uint32_t> writers; ///< the rules of that chain that write, ascending
};

} // namespace iptlint::analysis
