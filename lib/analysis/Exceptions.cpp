#include "analysis/Exceptions.h"
#include "analysis/Decision.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using ir::RuleId;

/// So many rules that hold the first box of a rule are asked whether they hold the others, too.
constexpr unsigned kMostTries = 16;
/// A chain that so many others call has no one width.
constexpr size_t kMostSites = 64;

namespace {

class Exceptions {
public:
  Exceptions(const Program &program, const ir::Table &table, const Liveness &liveness, const Indices &all)
      : program(program), table(table), liveness(liveness), indices(all) {}

  void look(RuleId id);
  std::map<RuleId, General> found;

private:
  Pc firstAround(Pc pc) const;
  bool holdsAll(Pc wider, Pc pc) const;
  bool takesAllThatComes(Pc pc);
  const std::vector<Region> &inputsOf(BlockId block);
  Region regionOf(uint32_t box) const {
    Region region(program.space);
    region.intersect(program.box(box));
    return region;
  }

  const Program &program;
  const ir::Table &table;
  const Liveness &liveness;
  const Indices &indices;
  std::map<BlockId, std::vector<Region>> inputs;
  std::map<Pc, bool> wide; ///< by instruction: whether it takes all that comes
};

} // namespace

/// What comes to a block, one region for each way; none where there are too many ways.
const std::vector<Region> &Exceptions::inputsOf(BlockId id) {
  auto [entry, isNew] = inputs.try_emplace(id);
  const Block &block = program.blocks[id];
  if (!isNew || program.sites[id].size() > kMostSites)
    return entry->second;
  for (uint32_t box = block.firstEntry; box != block.endEntry; ++box)
    entry->second.push_back(regionOf(box));
  for (Pc site : program.sites[id])
    for (uint32_t box = program.code[site].firstBox; box != program.code[site].endBox; ++box)
      if (Region region = regionOf(box); liveness.search.narrow(site, region))
        entry->second.push_back(std::move(region));
  return entry->second;
}

bool Exceptions::takesAllThatComes(Pc pc) {
  auto [entry, isNew] = wide.try_emplace(pc);
  if (isNew) {
    const std::vector<Region> &all = inputsOf(program.code[pc].block);
    entry->second =
        !all.empty() && llvm::all_of(all, [&](const Region &region) { return indices.anyAround(pc, region); });
  }
  return entry->second;
}

bool Exceptions::holdsAll(Pc wider, Pc pc) const {
  for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
    if (!indices.anyAround(wider, regionOf(box)))
      return false;
  return true;
}

/// The first instruction behind \p pc that surely takes all of its packets.
Pc Exceptions::firstAround(Pc pc) const {
  const Instruction &instruction = program.code[pc];
  const Indices::OfBlock &index = indices[instruction.block];
  Pc end = program.blocks[instruction.block].end, from = pc + 1;
  Region region = regionOf(instruction.firstBox);
  for (unsigned tries = 0; tries != kMostTries; ++tries) {
    Pc stop = index.stops.firstAround(region, from, end).pc, leave = index.leaves.firstAround(region, from, end).pc;
    Pc first = std::min(stop, leave);
    if (first == kNone || holdsAll(first, pc))
      return first;
    from = first + 1;
  }
  return kNone;
}

void Exceptions::look(RuleId id) {
  Pc pc = onlyInstructionOf(program, id);
  if (liveness[id].status != Status::Live || pc == kNone || program.code[pc].firstBox == program.code[pc].endBox)
    return;
  auto decision = decisionOf(program, table, pc);
  if (!decision)
    return;
  Pc wider = firstAround(pc);
  if (wider == kNone)
    return;
  auto otherwise = decisionOf(program, table, wider);
  RuleId general = program.code[wider].origin;
  if (!otherwise || *otherwise == *decision || liveness[general].status != Status::Live || takesAllThatComes(wider))
    return;
  General &entry = found[general];
  entry.rule = general;
  entry.exceptions.push_back(id);
}

std::vector<General> findGenerals(const Program &program, const ir::Table &table, const Liveness &liveness,
                                  const Indices &all) {
  Exceptions exceptions(program, table, liveness, all);
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    for (uint32_t rule = 0; rule != table.chains[chain].rules.size(); ++rule)
      if (!table.chains[chain].rules[rule].broken)
        exceptions.look({chain, rule});
  std::vector<General> generals;
  for (auto &[rule, general] : exceptions.found)
    generals.push_back(std::move(general));
  return generals;
}

} // namespace iptlint::analysis
