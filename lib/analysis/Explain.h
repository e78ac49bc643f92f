// Why a dead rule is dead: who takes its packets, and whether they fare as it would have had them.
//
// Takers are found by asking the search again with fewer rules allowed to block. With none allowed
// a live point appears; whoever blocks it in truth is allowed from then on; until no point is left. Then
// each is taken out again and kept out if the rest suffices. So the set takes every packet and none can be spared.
//
// The first attempt takes only rules that do as the dead rule would, each of which really gets some of its
// packets. If they suffice the rule adds nothing to them: it is redundant, and exceptions that stand before
// them (INVALID dropped on top of every chain) are exceptions to it just as well. If they do not, some
// packet is taken by a rule that decides otherwise and by no other: the rule is shadowed.
#pragma once

#include "analysis/Fates.h"
#include "analysis/Liveness.h"

namespace iptlint::analysis {

class Explain {
public:
  /// \param everyTaker  whether to name each rule that takes some packet, and not only as many as are needed.
  Explain(const Program &program, const ir::Table &table, Liveness &liveness, bool everyTaker);

  /// Fills in because, takers, agreement and contrary for a dead rule that is not Unreachable.
  void dead(ir::RuleId id, RuleReach &reach);

  /// Whether no packet arrives at the rule, whatever its condition.
  bool unreachable(ir::RuleId id);

  /// Fills in takers of all packets that would arrive at a position no packet gets to.
  void position(ir::RuleId id, RuleReach &reach);

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
    Pc by;                 ///< what blocks it
    Pc from;               ///< the rule on the arrival that this belongs to: itself or a call
    std::vector<Pc> calls; ///< that the walk is in when it comes to `from`
  };

  std::vector<Question> questionsOf(ir::RuleId id) const;
  /// What an attempt to find takers came to.
  struct Attempt {
    RuleSet takers;
    bool complete = false;
    /// A packet that the attempt found nobody for, or that one of the takers treats otherwise, and where it was going.
    const Question *question = nullptr;
    Point point;
  };
  Status decideWith(const RuleSet &allowed, llvm::ArrayRef<Question> questions, const Question **open);
  bool arrives(llvm::ArrayRef<Question> questions);
  Attempt findTakers(llvm::ArrayRef<Question> questions, bool agreeing);
  bool takeSeeds(llvm::ArrayRef<Question> questions, bool agreeing, RuleSet &takers);
  bool isWithin(const Question &question, Pc pc) const;
  bool takesSome(Pc taker);
  bool takesSomeOf(const Question &question, Pc taker);
  bool addTakerOf(const Question &question, const Point &point, RuleSet &takers);
  bool addAgreeingTakerOf(const Question &question, const Point &point, RuleSet &takers);
  bool addEndOf(const Question &question, Pc taking, RuleSet &takers);
  Pc agreeingStop(const Question &question, const Arrival &arrival);
  Pc agreeingCall(const Question &question);
  Pc firstAgreeing(const std::set<Pc> &candidates, const Question &question);
  void dropSpare(llvm::ArrayRef<Question> questions, RuleSet &takers);
  void fillTakers(llvm::ArrayRef<Question> questions, Attempt &found, RuleReach &reach);
  std::set<Pc> overlapping(const Question &question);
  bool addEveryTaker(llvm::ArrayRef<Question> questions, RuleSet &takers);
  const std::vector<bool> &ancestorsOf(BlockId block);

  std::vector<Arrival> arrivals(Pc pc, const Point &point);
  void collectArrivals(BlockId block, std::vector<Pc> &sites, std::set<BlockId> &closed, std::vector<Arrival> &found);
  std::optional<Taking> takingOn(const Arrival &arrival, Pc pc);
  bool entersCall(Pc site) const;
  bool leavesCall(Pc site) const;
  size_t neverLeft(size_t open, llvm::ArrayRef<Pc> sites) const;
  bool goesOnElsewhere(Pc limit) const;
  bool comesEarlier(const Arrival &arrival, Pc pc, const Point &point) const;

  bool fareWell(llvm::ArrayRef<Question> questions, Attempt &found);
  void findContrary(llvm::ArrayRef<Question> questions, const Attempt &failed, RuleReach &reach);
  std::optional<Pc> differsAt(const Question &question, const Point &point);
  RuleSet takersOf(const Question &question, const Point &point);
  std::vector<Point> samples(const Question &question, unsigned ways);
  bool doesTheSame(Pc one, Pc other) const;
  const ir::Rule &ruleAt(Pc pc) const { return ruleOf(program.code[pc].origin); }
  const ir::Rule &ruleOf(ir::RuleId id) const { return table.chains[id.chain].rules[id.rule]; }

  const Program &program;
  const ir::Table &table;
  Liveness &liveness;
  Search &search;
  const bool everyTaker;
  Fates fates;
  llvm::ArrayRef<Question> asked; ///< of the rule that is being explained
  bool gaveUp = false;            ///< of that rule, a question about who gets its packets was over the budget
  std::vector<Pc> continuing; ///< sure gotos by which a walk goes on in a new state, ascending
  uint64_t exhaustiveAllowance = 500'000;
  BlockId ancestorsBlock = kNone;
  std::vector<bool> ancestors;
};

} // namespace iptlint::analysis
