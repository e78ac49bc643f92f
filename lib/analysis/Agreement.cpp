// The part of Explain that follows packets: on which ways they would arrive at a dead rule, where they are
// taken away, and whether they fare as the rule asks.
#include "analysis/Explain.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

using ir::RuleId;

constexpr size_t kMaxArrivals = 32;
/// Regions of fewer points are looked at whole, up to an allowance for all rules of a table together.
constexpr uint64_t kExhaustivePoints = 1024;
constexpr unsigned kSampleWays = 12;
/// Of the members of a large set, so many are asked who is against them.
constexpr size_t kQuestionsForContrary = 256;

// --- Ways

std::vector<Explain::Arrival> Explain::arrivals(Pc pc, const Point &point) {
  search.evaluator.moveTo(point);
  std::vector<Arrival> found;
  std::vector<Pc> sites;
  std::set<BlockId> closed;
  collectArrivals(program.code[pc].block, sites, closed, found);
  // A packet that goes on in another state before arrives there; this arrival is not its own.
  llvm::erase_if(found, [&](const Arrival &arrival) {
    return goesOnElsewhere(pc) || llvm::any_of(arrival.sites, [&](Pc site) { return goesOnElsewhere(site); });
  });
  return found;
}

/// \param closed  blocks known to have no way from a hook for the point.
void Explain::collectArrivals(BlockId block, std::vector<Pc> &sites, std::set<BlockId> &closed,
                              std::vector<Arrival> &found) {
  size_t before = found.size();
  if (search.evaluator.entersFromHook(block))
    found.push_back({block, {sites.rbegin(), sites.rend()}});
  liveness.indices[block].sites.forEachContaining(
      search.evaluator.point(), 0, kNone, [&](const BoxIndex::Entry &site) {
        BlockId caller = program.code[site.pc].block;
        if (closed.count(caller))
          return true;
        sites.push_back(site.pc);
        collectArrivals(caller, sites, closed, found);
        sites.pop_back();
        return found.size() < kMaxArrivals;
      });
  if (found.size() == before)
    closed.insert(block);
}

/// Whether a site is a call that became a goto, to be continued in a new state, and not the end of one.
bool Explain::entersCall(Pc site) const {
  const Instruction &instruction = program.code[site];
  return instruction.action != Action::Call && instruction.continues && !instruction.synthetic &&
         ruleAt(site).target.kind == ir::TargetKind::Jump;
}

bool Explain::leavesCall(Pc site) const {
  const Instruction &instruction = program.code[site];
  return instruction.action != Action::Call && !entersCall(site) &&
         (instruction.synthetic || ruleAt(site).target.kind == ir::TargetKind::Return);
}

/// How many of \p open calls that were entered are still open wherever the sites lead.
size_t Explain::neverLeft(size_t open, llvm::ArrayRef<Pc> sites) const {
  size_t now = open, least = open;
  for (Pc site : sites) {
    if (entersCall(site))
      ++now;
    else if (now != 0 && leavesCall(site))
      --now;
    least = std::min(least, now);
  }
  return least;
}

/// Where the evaluator's point is taken away on its way along \p arrival to \p pc; none where it is not.
std::optional<Explain::Taking> Explain::takingOn(const Arrival &arrival, Pc pc) {
  Taking taking;
  std::vector<Pc> limits = arrival.sites;
  limits.push_back(pc);
  std::vector<std::pair<Pc, size_t>> entered; ///< with the number of calls that the walk was in
  for (size_t at = 0; at != limits.size(); ++at) {
    Pc limit = limits[at];
    taking.by = search.evaluator.blocker(program.code[limit].block);
    if (taking.by < limit) {
      // What is taken in a call that the arrival leaves again is taken by that call.
      size_t open = neverLeft(entered.size(), llvm::makeArrayRef(arrival.sites).drop_front(at));
      taking.from = open == entered.size() ? taking.by : entered[open].first;
      if (open != entered.size())
        taking.calls.resize(entered[open].second);
      return taking;
    }
    if (limit == pc)
      break;
    if (program.code[limit].action == Action::Call)
      taking.calls.push_back(limit);
    else if (entersCall(limit))
      entered.push_back({limit, taking.calls.size()});
    else if (!entered.empty() && leavesCall(limit))
      entered.pop_back();
  }
  return std::nullopt;
}

bool Explain::goesOnElsewhere(Pc limit) const {
  auto pc = llvm::lower_bound(continuing, program.blocks[program.code[limit].block].first);
  for (; pc != continuing.end() && *pc < limit; ++pc)
    if (liveness.indices.anyContains(*pc, search.evaluator.point()))
      return true;
  return false;
}

static std::vector<Pc> callsOf(const Program &program, const std::vector<Pc> &sites) {
  std::vector<Pc> calls;
  llvm::copy_if(sites, std::back_inserter(calls), [&](Pc pc) { return program.code[pc].action == Action::Call; });
  return calls;
}

// --- Agreement

/// Whether on this way the point surely meets the same rule before, in a chain that it leaves in another state.
bool Explain::comesEarlier(const Arrival &arrival, Pc pc, const Point &point) const {
  return llvm::any_of(program.instructionsOf(program.code[pc].origin), [&](Pc other) {
    const Instruction &earlier = program.code[other];
    auto leavesBehind = [&](Pc site) { return program.code[site].block == earlier.block && other <= site; };
    return other != pc && !earlier.maybe && !earlier.probe && llvm::any_of(arrival.sites, leavesBehind) &&
           liveness.indices.anyContains(other, point);
  });
}

/// Whether the point ends otherwise than the dead rule would have it, where it comes to it for the first time; then
/// who decides it. A way through a call that may not match is not surely the first.
std::optional<Pc> Explain::differsAt(const Question &question, const Point &point) {
  std::vector<Arrival> all = arrivals(question.pc, point);
  llvm::sort(all, [](const Arrival &a, const Arrival &b) { return a.sites < b.sites; });
  for (const Arrival &arrival : all) {
    if (comesEarlier(arrival, question.pc, point))
      continue;
    if (auto taking = takingOn(arrival, question.pc)) {
      FateSet wanted = fates.from(question.pc, callsOf(program, arrival.sites), arrival.hook, point);
      FateSet actual = fates.from(taking->from, taking->calls, arrival.hook, point);
      if (wanted != actual)
        return fates.decidedBy() != kNone ? fates.decidedBy() : taking->by;
    }
    if (llvm::none_of(arrival.sites, [&](Pc site) { return program.code[site].maybe; }))
      break;
  }
  return std::nullopt;
}

/// Points of a question along \p ways random ways; all of them where they are few.
std::vector<Point> Explain::samples(const Question &question, unsigned ways) {
  Random random(question.pc + 7);
  Region region = question.region;
  std::vector<Point> points;
  if (!search.narrow(question.pc, region))
    return points;
  uint64_t count = region.points(kExhaustivePoints);
  if (count < kExhaustivePoints && count <= exhaustiveAllowance) {
    exhaustiveAllowance -= count;
    Point point = region.lowCorner();
    for (size_t dim = 0; dim != point.size();) {
      points.push_back(point);
      for (dim = 0; dim != point.size(); ++dim) {
        if (point[dim]++ != region[dim].hi)
          break;
        point[dim] = region[dim].lo;
      }
    }
    return points;
  }
  BlockId block = program.code[question.pc].block;
  for (unsigned i = 0; i != ways; ++i) {
    Region way = search.alongRandomPath(block, region);
    for (Point &point : std::vector<Point>{way.clamp(program.space.preferred()), way.lowCorner(), way.highCorner()})
      if (i % 4 == 0)
        points.push_back(std::move(point));
    points.push_back(random.pointIn(way));
  }
  return points;
}

/// The rules that take a point away, as addTakerOf has them.
Explain::RuleSet Explain::takersOf(const Question &question, const Point &point) {
  RuleSet takers;
  addTakerOf(question, point, takers);
  return takers;
}

/// Whether the packets that the takers found really get end as the dead rule would have it; notes one that does not.
/// Exact for regions of few points; of others a sample is looked at.
bool Explain::fareWell(llvm::ArrayRef<Question> questions, Attempt &attempt) {
  const RuleSet &takers = attempt.takers;
  // Rules on the way that end the table with the very same verdict need no trying.
  bool sameVerdict = llvm::all_of(takers, [&](const auto &taker) {
    return taker.second.empty() && llvm::all_of(program.instructionsOf(taker.first), [&](Pc pc) {
      return program.code[pc].action == Action::Stop && doesTheSame(pc, questions.front().pc);
    });
  });
  if (sameVerdict)
    return true;
  for (const Question &question : questions) {
    for (const Point &point : samples(question, kSampleWays)) {
      if (!differsAt(question, point))
        continue;
      for (const auto &[rule, path] : takersOf(question, point))
        if (takers.count(rule)) {
          attempt.question = &question;
          attempt.point = point;
          return false;
        }
    }
  }
  return true;
}

/// The largest of the rules that decide packets of the rule otherwise.
void Explain::findContrary(llvm::ArrayRef<Question> questions, const Attempt &failed, RuleReach &reach) {
  std::map<RuleId, double> contrary;
  auto consider = [&](const Question &question, const Point &point) {
    auto decider = differsAt(question, point);
    if (!decider)
      return;
    const Instruction &by = program.code[*decider];
    double share = 0;
    for (uint32_t box = by.firstBox; box != by.endBox; ++box)
      share += question.region.share(program.box(box));
    contrary[by.origin] = std::max(contrary[by.origin], share);
  };
  if (failed.question)
    consider(*failed.question, failed.point);
  for (const Question &question : questions.take_front(std::min(questions.size(), kQuestionsForContrary)))
    for (const Point &point : samples(question, 1))
      consider(question, point);
  auto largest = std::max_element(contrary.begin(), contrary.end(),
                                  [](const auto &a, const auto &b) { return a.second < b.second; });
  if (largest != contrary.end())
    reach.contrary = Taker{largest->first, {}};
}

} // namespace iptlint::analysis
