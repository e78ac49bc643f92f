// Decides for every instruction whether a packet gets to it, callers first.
//
// What is found dead stops counting: dead calls lead nowhere, dead rules take nothing, which keeps
// the search for the rest small. Taking all dead rules out together changes no packet's way.
#pragma once

#include "analysis/Lower.h"
#include "analysis/Search.h"

namespace iptlint::analysis {

class Liveness {
public:
  /// \param table  the table that \p program was lowered from.
  Liveness(const Program &program, const ir::Table &table, const ReachOptions &options);

  void run();

  /// From now on dead sites are asked about too: who takes a packet away on a way that no packet goes to its end?
  void openDeadSites();

  struct RuleAnswer {
    Status status = Status::Dead;
    Pc livePc = kNone; ///< Live: where the witness matches
    Point witness;     ///< Live; moved to ordinary values if options.witnesses
    bool evaluated = false; ///< its first condition with state is evaluated for some packet
    bool approximate = false; ///< Unknown because its condition or its way is too large to express
  };
  /// \p id must be of a chain that has instructions.
  const RuleAnswer &operator[](ir::RuleId id) const {
    return answers[program.firstRuleOfChain[id.chain] + id.rule];
  }

  Indices indices;
  Search search;

private:
  void decideBlock(BlockId block);
  void decideInstruction(Pc pc);
  RuleAnswer &answerOf(ir::RuleId id) { return answers[program.firstRuleOfChain[id.chain] + id.rule]; }

  const Program &program;
  const ir::Table &table;
  const ReachOptions &options;
  std::vector<bool> dead; ///< by instruction
  std::vector<RuleAnswer> answers;
  bool anyApproximate = false;
};

} // namespace iptlint::analysis
