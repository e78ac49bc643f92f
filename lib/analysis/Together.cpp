#include "analysis/Together.h"
#include "analysis/BoxIndex.h"

namespace iptlint::analysis {

using ir::RuleId;

/// \param candidates  of one chain, ascending; each has one instruction.
static void chooseInChain(const Program &program, llvm::ArrayRef<RuleId> candidates, std::vector<RuleId> &chosen) {
  std::vector<BoxIndex::Entry> entries;
  for (RuleId id : candidates) {
    Pc pc = program.instructionsOf(id).front();
    for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
      entries.push_back({pc, box});
  }
  BoxIndex index(program, std::move(entries));
  std::set<Pc> going;
  for (RuleId id : candidates) {
    Pc pc = program.instructionsOf(id).front();
    auto stays = [&](const BoxIndex::Entry &entry) { return !going.count(entry.pc); };
    bool apart = true;
    for (uint32_t box = program.code[pc].firstBox; apart && box != program.code[pc].endBox; ++box) {
      Region region(program.space);
      region.intersect(program.box(box));
      apart = index.forEachOverlapping(region, 0, pc, stays);
    }
    if (!apart)
      continue;
    going.insert(pc);
    chosen.push_back(id);
  }
}

std::vector<RuleId> chooseTogether(const Program &program, const std::vector<std::vector<RuleReach>> &reach,
                                   llvm::function_ref<bool(RuleId)> mayGo) {
  std::vector<RuleId> chosen;
  for (uint32_t chain = 0; chain != reach.size(); ++chain) {
    std::vector<RuleId> candidates;
    for (uint32_t rule = 0; rule != reach[chain].size(); ++rule)
      if (reach[chain][rule].redundantWhenLive && mayGo({chain, rule}))
        candidates.push_back({chain, rule});
    if (!candidates.empty())
      chooseInChain(program, candidates, chosen);
  }
  return chosen;
}

} // namespace iptlint::analysis
