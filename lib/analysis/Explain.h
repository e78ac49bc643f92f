// Why a dead rule is dead: who takes its packets, and whether they fare as it would have had them.
//
// Takers are found by asking the search again with fewer rules allowed to block. With none allowed
// a live point appears; whoever blocks it in truth is allowed from then on; until no point is left. Then
// each is taken out again and kept out if the rest suffices. So the set takes every packet and none can be spared.
#pragma once

#include "analysis/Fates.h"
#include "analysis/Liveness.h"

namespace iptlint::analysis {

class Explain {
public:
  Explain(const Program &program, const ir::Table &table, Liveness &liveness);

  /// Fills in because, takers, agreement and contrary for a dead rule that is not Unreachable.
  void dead(ir::RuleId id, RuleReach &reach);

  /// Whether no packet arrives at the rule, whatever its condition.
  bool unreachable(ir::RuleId id);

  /// Takers of all packets that would arrive at a position no packet gets to.
  std::vector<Taker> takersOfPosition(ir::RuleId id);

private:
  using RuleSet = std::map<ir::RuleId, std::vector<ir::RuleId>>; ///< takers with their paths
  struct Question {
    Pc pc;
    Region region;
  };
  /// A way for a point to come to an instruction if nothing took it: sites from the hook down.
  struct Arrival {
    BlockId hook;
    std::vector<Pc> sites;
  };
  /// Where a point is taken away on an arrival.
  struct Taking {
    Pc by;
    std::vector<Pc> calls;
  };

  std::vector<Question> questionsOf(ir::RuleId id) const;
  Status decideWith(const RuleSet &allowed, llvm::ArrayRef<Question> questions, const Question **open);
  std::vector<Taker> findTakers(llvm::ArrayRef<Question> questions, bool &arriving, bool &complete);
  bool takeSeeds(ir::RuleId id, llvm::ArrayRef<Question> questions, RuleSet &takers);
  bool takesSome(Pc taker, const Question &question);
  bool addTakerOf(const Question &question, const Point &point, RuleSet &takers);
  void dropSpare(llvm::ArrayRef<Question> questions, RuleSet &takers);
  const std::vector<bool> &ancestorsOf(BlockId block);

  std::vector<Arrival> arrivals(Pc pc, const Point &point);
  void collectArrivals(BlockId block, std::vector<Pc> &sites, std::set<BlockId> &closed, std::vector<Arrival> &found);
  std::optional<Taking> takingOn(const Arrival &arrival, Pc pc);

  void judge(ir::RuleId id, llvm::ArrayRef<Question> questions, RuleReach &reach);
  std::optional<Pc> differsAt(const Question &question, const Point &point);
  std::vector<Point> samples(const Question &question, Random &random);
  std::vector<Pc> rivals(const Question &question) const;
  const ir::Rule &ruleAt(Pc pc) const { return ruleOf(program.code[pc].origin); }
  const ir::Rule &ruleOf(ir::RuleId id) const { return table.chains[id.chain].rules[id.rule]; }

  const Program &program;
  const ir::Table &table;
  Liveness &liveness;
  Search &search;
  Fates fates;
  std::vector<Pc> continuing; ///< sure gotos by which a walk goes on in a new state, ascending
  uint64_t exhaustiveAllowance = 500'000;
  BlockId ancestorsBlock = kNone;
  std::vector<bool> ancestors;
};

} // namespace iptlint::analysis
