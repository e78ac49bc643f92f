#include "analysis/Overlaps.h"
#include "analysis/Decision.h"

namespace iptlint::analysis {

using ir::RuleId;

constexpr unsigned kMostLaterRules = 16; ///< for each rule
constexpr size_t kMostFound = 4;
constexpr unsigned kMostPerTable = 20'000; ///< pairs of rules: nobody reads what more of them would give
constexpr unsigned kMostBoxPairs = 16;     ///< of boxes, for each pair of rules
constexpr unsigned kPoints = 4;
constexpr uint64_t kBudget = 2'000;

namespace {

class Overlaps {
public:
  Overlaps(const Program &program, const ir::Table &table, const Liveness &liveness, const Indices &all)
      : program(program), table(table), liveness(liveness), indices(liveness.indices), all(all),
        search(program, liveness.indices, kBudget), withAll(program, all) {}

  std::optional<Overlap> look(RuleId id);
  bool spent() const { return pairs >= kMostPerTable; }

private:
  bool holds(Pc wider, Pc pc) const;
  Pc nextOverlapping(Pc pc, Pc from) const;
  bool contradict(Pc pc, Pc later) const;
  std::optional<Point> sharedPoint(Pc pc, Pc later);
  std::optional<Point> pointIn(const Region &region, Pc pc, Pc later);
  bool wouldGetTo(Pc later, Pc pc, const Point &point);
  Region regionOf(uint32_t box) const {
    Region region(program.space);
    region.intersect(program.box(box));
    return region;
  }

  const Program &program;
  const ir::Table &table;
  const Liveness &liveness;
  const Indices &indices; ///< without what is dead
  const Indices &all;
  Search search;
  Evaluator withAll; ///< what becomes of a point where dead rules count, too
  Random random{1};
  unsigned pairs = 0; ///< that were looked at
};

} // namespace

bool Overlaps::holds(Pc wider, Pc pc) const {
  for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
    if (!indices.anyAround(wider, regionOf(box)))
      return false;
  return true;
}

/// The first that surely ends the walk and has packets of \p pc.
Pc Overlaps::nextOverlapping(Pc pc, Pc from) const {
  const Instruction &instruction = program.code[pc];
  const Indices::OfBlock &index = indices[instruction.block];
  Pc first = program.blocks[instruction.block].end, none = first;
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
    Region region = regionOf(box);
    first = std::min(first, index.stops.firstOverlapping(region, from, first).pc);
    first = std::min(first, index.leaves.firstOverlapping(region, from, first).pc);
  }
  return first == none ? kNone : first;
}

bool Overlaps::contradict(Pc pc, Pc later) const {
  auto one = decisionOf(program, table, pc), other = decisionOf(program, table, later);
  return one && other && *one != *other && liveness[program.code[later].origin].status == Status::Live &&
         !holds(later, pc) && !holds(pc, later);
}

/// Whether the point, which gets to \p pc, would get to \p later if that rule were not there.
bool Overlaps::wouldGetTo(Pc later, Pc pc, const Point &point) {
  search.evaluator.moveTo(point);
  withAll.moveTo(point);
  const Indices::OfBlock &index = all[program.code[pc].block];
  if (!search.evaluator.reachesInstruction(pc) || index.stops.firstContaining(point, pc + 1, later).pc != kNone ||
      index.leaves.firstContaining(point, pc + 1, later).pc != kNone)
    return false;
  return index.calls.forEachContaining(point, pc + 1, later, [&](const BoxIndex::Entry &call) {
    return withAll.canReturn(program.code[call.pc].target);
  });
}

std::optional<Point> Overlaps::pointIn(const Region &region, Pc pc, Pc later) {
  Point point = region.clamp(program.space.preferred());
  if (wouldGetTo(later, pc, point))
    return point;
  point = region.clamp(liveness[program.code[pc].origin].witness);
  if (wouldGetTo(later, pc, point))
    return point;
  if (search.decide(pc, region) != Status::Live)
    return std::nullopt;
  point = search.witness();
  if (wouldGetTo(later, pc, point))
    return point;
  random = Random(pc + later);
  for (unsigned tries = 0; tries != kPoints; ++tries) {
    point = random.pointIn(search.alongRandomPath(program.code[pc].block, region));
    if (wouldGetTo(later, pc, point))
      return point;
  }
  return std::nullopt;
}

std::optional<Point> Overlaps::sharedPoint(Pc pc, Pc later) {
  unsigned boxes = 0;
  for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box)
    for (uint32_t other = program.code[later].firstBox; other != program.code[later].endBox; ++other) {
      Region region = regionOf(box);
      if (!region.overlaps(program.box(other)))
        continue;
      region.intersect(program.box(other));
      if (auto point = pointIn(region, pc, later))
        return point;
      if (++boxes == kMostBoxPairs)
        return std::nullopt;
    }
  return std::nullopt;
}

std::optional<Overlap> Overlaps::look(RuleId id) {
  Pc pc = onlyInstructionOf(program, id);
  if (liveness[id].status != Status::Live || pc == kNone || program.code[pc].maybe || !decisionOf(program, table, pc))
    return std::nullopt;
  search.remember(pc, liveness[id].witness);
  Overlap overlap;
  overlap.rule = id;
  Pc later = pc;
  for (unsigned lookedAt = 0; (later = nextOverlapping(pc, later + 1)) != kNone; ++lookedAt) {
    if (lookedAt == kMostLaterRules || overlap.others.size() == kMostFound) {
      overlap.more = true;
      break;
    }
    ++pairs;
    if (!contradict(pc, later))
      continue;
    if (auto point = sharedPoint(pc, later))
      overlap.others.push_back(
          {program.code[later].origin, std::make_shared<const packet::Packet>(program.space.packetOf(*point))});
  }
  return overlap.others.empty() ? std::nullopt : std::optional(std::move(overlap));
}

std::vector<Overlap> findOverlaps(const Program &program, const ir::Table &table, const Liveness &liveness,
                                  const Indices &all) {
  Overlaps overlaps(program, table, liveness, all);
  std::vector<Overlap> found;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    for (uint32_t rule = 0; rule != table.chains[chain].rules.size() && !overlaps.spent(); ++rule)
      if (!table.chains[chain].rules[rule].broken)
        if (auto overlap = overlaps.look({chain, rule}))
          found.push_back(std::move(*overlap));
  if (overlaps.spent() && !found.empty())
    found.back().last = true;
  return found;
}

} // namespace iptlint::analysis
