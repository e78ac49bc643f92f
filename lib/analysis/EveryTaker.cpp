// The part of Explain that names every rule which takes some packet of a dead one.
//
// A rule is asked about where one of its boxes has packets in common with the dead rule's and it stands on a way that leads
// there, or in a chain that is called on one. If a packet of the dead rule gets to it, the packet's own walk says
// who took it: mostly that rule, or a RETURN or goto before it that sent the packet out of the way.
#include "analysis/Explain.h"

namespace iptlint::analysis {

/// So many rules are asked about for each condition of the dead rule.
constexpr size_t kMaxAsked = 4096;

/// What may take a packet of the question's region: at most kMaxAsked.
std::set<Pc> Explain::overlapping(const Question &question) {
  std::set<Pc> found;
  std::set<BlockId> seen;
  std::vector<BlockId> open;
  auto enter = [&](BlockId block) {
    if (seen.insert(block).second)
      open.push_back(block);
  };
  const std::vector<bool> &above = ancestorsOf(program.code[question.pc].block);
  for (BlockId block = 0; block != above.size(); ++block)
    if (above[block])
      enter(block);
  auto take = [&](const BoxIndex::Entry &entry) {
    found.insert(entry.pc);
    if (BlockId target = program.code[entry.pc].target; target != kNone)
      enter(target);
    return found.size() < kMaxAsked;
  };
  auto descend = [&](const BoxIndex::Entry &call) {
    enter(program.code[call.pc].target);
    return true;
  };
  while (!open.empty() && found.size() < kMaxAsked) {
    BlockId block = open.back();
    open.pop_back();
    const auto &index = liveness.indices[block];
    index.stops.forEachOverlapping(question.region, 0, kNone, take);
    index.leaves.forEachOverlapping(question.region, 0, kNone, take);
    index.calls.forEachOverlapping(question.region, 0, kNone, descend);
  }
  return found;
}

/// \returns whether these are all.
bool Explain::addEveryTaker(llvm::ArrayRef<Question> questions, RuleSet &takers) {
  bool all = true;
  bool gaveUpBefore = std::exchange(gaveUp, false);
  for (const Question &question : questions) {
    std::set<Pc> asking = overlapping(question);
    all &= asking.size() < kMaxAsked;
    for (Pc pc : asking) {
      if (!takesSomeOf(question, pc))
        continue;
      Point point = search.witness();
      while (addTakerOf(question, point, takers))
        ;
    }
  }
  all &= !gaveUp;
  gaveUp = gaveUpBefore;
  return all;
}

} // namespace iptlint::analysis
