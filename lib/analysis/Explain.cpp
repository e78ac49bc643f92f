#include "analysis/Explain.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

namespace iptlint::analysis {

using ir::RuleId;

constexpr size_t kMaxTakers = 256;
constexpr size_t kMaxArrivals = 32;
/// Regions of fewer points are looked at whole, up to an allowance for all rules of a table together.
constexpr uint64_t kExhaustivePoints = 1024;
constexpr unsigned kSamplePoints = 12;
constexpr size_t kMaxRivals = 512;

Explain::Explain(const Program &program, const ir::Table &table, Liveness &liveness)
    : program(program), table(table), liveness(liveness), search(liveness.search), fates(program, table) {
  for (Pc pc = 0; pc != program.code.size(); ++pc)
    if (program.code[pc].continues && !program.code[pc].maybe)
      continuing.push_back(pc);
}

/// The same normal form: the same tests in whatever order, and the same target.
static bool sameMeaning(const ir::Rule &a, const ir::Rule &b) {
  return a.target.kind == b.target.kind && a.target.name == b.target.name && a.target.options == b.target.options &&
         a.tests.size() == b.tests.size() && std::is_permutation(a.tests.begin(), a.tests.end(), b.tests.begin());
}

std::vector<Explain::Question> Explain::questionsOf(RuleId id) const {
  std::vector<Question> questions;
  for (Pc pc : program.instructionsOf(id))
    if (!program.code[pc].probe)
      for (uint32_t box = program.code[pc].firstBox; box != program.code[pc].endBox; ++box) {
        questions.push_back({pc, Region(program.space)});
        questions.back().region.intersect(program.box(box));
      }
  return questions;
}

bool Explain::unreachable(RuleId id) {
  for (Pc pc : program.instructionsOf(id))
    if (!program.code[pc].probe && search.decide(pc, Region(program.space)) != Status::Dead)
      return false;
  return true;
}

std::vector<Taker> Explain::takersOfPosition(RuleId id) {
  std::vector<Question> questions;
  for (Pc pc : program.instructionsOf(id))
    if (!program.code[pc].probe)
      questions.push_back({pc, Region(program.space)});
  bool arriving = false, complete = false;
  return findTakers(questions, arriving, complete);
}

void Explain::dead(RuleId id, RuleReach &reach) {
  std::vector<Question> questions = questionsOf(id);
  bool arriving = false, complete = true;
  reach.takers = findTakers(questions, arriving, complete);
  reach.takersIncomplete = !complete;
  reach.because = arriving ? DeadBecause::Taken : DeadBecause::NotArriving;
  if (arriving)
    judge(id, questions, reach);
}

// --- Takers

const std::vector<bool> &Explain::ancestorsOf(BlockId block) {
  if (ancestorsBlock == block)
    return ancestors;
  ancestorsBlock = block;
  ancestors.assign(program.blocks.size(), false);
  ancestors[block] = true;
  std::vector<BlockId> open{block};
  while (!open.empty()) {
    BlockId next = open.back();
    open.pop_back();
    for (Pc site : program.sites[next])
      if (BlockId caller = program.code[site].block; !ancestors[caller]) {
        ancestors[caller] = true;
        open.push_back(caller);
      }
  }
  return ancestors;
}

/// Whether the questions' regions are dead if only \p allowed blocks. Where not, \p open is one that is
/// live and the search's witness a point of it.
Status Explain::decideWith(const RuleSet &allowed, llvm::ArrayRef<Question> questions, const Question **open) {
  Restriction restriction;
  for (const auto &[rule, path] : allowed)
    for (Pc pc : program.instructionsOf(rule)) {
      const Instruction &instruction = program.code[pc];
      if (instruction.probe || instruction.maybe)
        continue;
      if (instruction.action == Action::Stop)
        restriction.stops.push_back(pc);
      else if (instruction.action == Action::Return || instruction.action == Action::Goto)
        restriction.leaves.push_back(pc);
    }
  restriction.leaves.insert(restriction.leaves.end(), continuing.begin(), continuing.end());
  llvm::sort(restriction.stops);
  llvm::sort(restriction.leaves);
  Status result = Status::Dead;
  for (const Question &question : questions) {
    restriction.ancestors = &ancestorsOf(program.code[question.pc].block);
    search.evaluator.restrict(&restriction);
    Status status = search.decide(question.pc, question.region);
    search.evaluator.restrict(nullptr);
    if (status == Status::Live) {
      if (open)
        *open = &question;
      return status;
    }
    if (status == Status::Unknown)
      result = status;
  }
  return result;
}

/// \param arriving  whether any packet would arrive if nothing took it.
/// \param complete  false if there are too many takers to name all.
std::vector<Taker> Explain::findTakers(llvm::ArrayRef<Question> questions, bool &arriving, bool &complete) {
  RuleSet takers;
  const Question *open = nullptr;
  arriving = decideWith(takers, questions, &open) != Status::Dead;
  if (!arriving)
    return {};
  RuleId id = program.code[questions.front().pc].origin;
  complete = takeSeeds(id, questions, takers);
  while (!complete && takers.size() < kMaxTakers) {
    Status status = decideWith(takers, questions, &open);
    if (status == Status::Dead)
      complete = true;
    else if (status == Status::Unknown || !addTakerOf(*open, Point(search.witness()), takers))
      break;
  }
  if (complete)
    dropSpare(questions, takers);
  std::vector<Taker> result;
  for (auto &[rule, path] : takers)
    result.push_back({rule, path});
  return result;
}

/// One rule that holds everything is the best explanation, one with the very same text better still.
/// True if it was enough.
bool Explain::takeSeeds(RuleId id, llvm::ArrayRef<Question> questions, RuleSet &takers) {
  constexpr unsigned kMaxSeeds = 4;
  const Question &first = questions.front();
  BlockId block = program.code[first.pc].block;
  std::optional<RuleId> holder;
  unsigned tries = 0;
  for (Pc from = program.blocks[block].first; tries != kMaxSeeds; ++tries) {
    Pc around = std::min(liveness.indices[block].stops.firstAround(first.region, from, first.pc).pc,
                         liveness.indices[block].leaves.firstAround(first.region, from, first.pc).pc);
    if (around == kNone)
      break;
    RuleId candidate = program.code[around].origin;
    bool same = sameMeaning(ruleOf(candidate), ruleOf(id));
    if ((!holder || same) && takesSome(around, first) &&
        decideWith({{candidate, {}}}, questions, nullptr) == Status::Dead)
      holder = candidate;
    if (same)
      break;
    from = around + 1;
  }
  if (holder)
    takers[*holder] = {};
  return holder.has_value();
}

/// Whether an instruction really gets some packet of the question.
bool Explain::takesSome(Pc taker, const Question &question) {
  const Instruction &instruction = program.code[taker];
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
    Region both = question.region;
    if (!both.overlaps(program.box(box)))
      continue;
    both.intersect(program.box(box));
    if (search.decide(taker, both) == Status::Live)
      return true;
  }
  return false;
}

/// Adds whoever keeps a point from getting to the question's instruction.
bool Explain::addTakerOf(const Question &question, const Point &point, RuleSet &takers) {
  Evaluator &evaluator = search.evaluator;
  evaluator.moveTo(point);
  const std::vector<bool> &above = ancestorsOf(program.code[question.pc].block);
  for (const Arrival &arrival : arrivals(question.pc, point)) {
    auto taking = takingOn(arrival, question.pc);
    if (!taking)
      continue;
    std::vector<RuleId> path;
    size_t before = takers.size();
    for (Pc pc = taking->by; pc != kNone;) {
      const Instruction &instruction = program.code[pc];
      if (instruction.action != Action::Call && !instruction.synthetic &&
          (instruction.action == Action::Stop || above[instruction.block]))
        takers.try_emplace(instruction.origin, path);
      if (!instruction.synthetic)
        path.push_back(instruction.origin);
      bool leads = instruction.target != kNone && (instruction.action == Action::Call || !above[instruction.block]);
      pc = leads ? evaluator.blocker(instruction.target) : kNone;
    }
    if (takers.size() != before)
      return true;
  }
  return false;
}

/// Takes out what the others make superfluous.
void Explain::dropSpare(llvm::ArrayRef<Question> questions, RuleSet &takers) {
  std::vector<RuleId> rules;
  for (const auto &[rule, path] : takers)
    rules.push_back(rule);
  for (RuleId rule : rules) {
    if (takers.size() == 1)
      return;
    auto node = takers.extract(rule);
    if (decideWith(takers, questions, nullptr) != Status::Dead)
      takers.insert(std::move(node));
  }
}

// --- Ways

std::vector<Explain::Arrival> Explain::arrivals(Pc pc, const Point &point) {
  search.evaluator.moveTo(point);
  std::vector<Arrival> found;
  std::vector<Pc> sites;
  std::set<BlockId> closed;
  collectArrivals(program.code[pc].block, sites, closed, found);
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

/// Where the evaluator's point is taken away on its way along \p arrival to \p pc.
std::optional<Explain::Taking> Explain::takingOn(const Arrival &arrival, Pc pc) {
  Taking taking;
  auto takenBefore = [&](Pc limit) {
    taking.by = search.evaluator.blocker(program.code[limit].block);
    return taking.by < limit;
  };
  // A packet that goes on in another state arrives there; this arrival is not its own.
  auto sentAway = [&]() -> std::optional<Taking> {
    return program.code[taking.by].continues ? std::nullopt : std::optional(taking);
  };
  for (Pc site : arrival.sites) {
    if (takenBefore(site))
      return sentAway();
    if (program.code[site].action == Action::Call)
      taking.calls.push_back(site);
  }
  return takenBefore(pc) ? sentAway() : std::nullopt;
}

static std::vector<Pc> callsOf(const Program &program, const std::vector<Pc> &sites) {
  std::vector<Pc> calls;
  llvm::copy_if(sites, std::back_inserter(calls), [&](Pc pc) { return program.code[pc].action == Action::Call; });
  return calls;
}

// --- Agreement

/// Whether the point ends otherwise than the dead rule would have it, coming to it for the first time; then
/// who decides it.
std::optional<Pc> Explain::differsAt(const Question &question, const Point &point) {
  std::vector<Arrival> all = arrivals(question.pc, point);
  if (all.empty())
    return std::nullopt;
  const Arrival &first = *std::min_element(
      all.begin(), all.end(), [](const Arrival &a, const Arrival &b) { return a.sites < b.sites; });
  auto taking = takingOn(first, question.pc);
  if (!taking)
    return std::nullopt;
  FateSet wanted = fates.from(question.pc, callsOf(program, first.sites), first.hook, point);
  FateSet actual = fates.from(taking->by, taking->calls, first.hook, point);
  if (wanted == actual)
    return std::nullopt;
  return fates.decidedBy() != kNone ? fates.decidedBy() : taking->by;
}

std::vector<Point> Explain::samples(const Question &question, Random &random) {
  const Region &region = question.region;
  std::vector<Point> points;
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
  points = {region.clamp(program.space.preferred()), region.lowCorner(), region.highCorner()};
  for (unsigned i = 0; i != kSamplePoints; ++i)
    points.push_back(random.pointIn(region));
  return points;
}

/// Stops that may decide packets of the question otherwise: in the blocks on the way to it and those called there.
std::vector<Pc> Explain::rivals(const Question &question) const {
  std::vector<Pc> found;
  std::vector<std::pair<BlockId, Pc>> open{{program.code[question.pc].block, question.pc}};
  std::vector<bool> seen(program.blocks.size());
  std::string own = targetText(ruleAt(question.pc));
  while (!open.empty() && found.size() < kMaxRivals) {
    auto [block, limit] = open.back();
    open.pop_back();
    const Indices::OfBlock &index = liveness.indices[block];
    Pc first = program.blocks[block].first;
    index.stops.forEachOverlapping(question.region, first, limit, [&](const BoxIndex::Entry &entry) {
      if (targetText(ruleAt(entry.pc)) != own)
        found.push_back(entry.pc);
      return found.size() < kMaxRivals;
    });
    auto descend = [&](const BoxIndex::Entry &entry) {
      BlockId target = program.code[entry.pc].target;
      if (target != kNone && !seen[target]) {
        seen[target] = true;
        open.push_back({target, program.blocks[target].end});
      }
      return open.size() < kMaxRivals;
    };
    index.calls.forEachOverlapping(question.region, first, limit, descend);
    index.leaves.forEachOverlapping(question.region, first, limit, descend);
    if (block == program.code[question.pc].block || limit != program.blocks[block].end)
      index.sites.forEachOverlapping(question.region, 0, kNone, [&](const BoxIndex::Entry &site) {
        BlockId caller = program.code[site.pc].block;
        if (!seen[caller]) {
          seen[caller] = true;
          open.push_back({caller, site.pc});
        }
        return open.size() < kMaxRivals;
      });
  }
  llvm::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void Explain::judge(RuleId id, llvm::ArrayRef<Question> questions, RuleReach &reach) {
  std::map<RuleId, double> contrary;
  auto note = [&](const Question &question, const Point &point) {
    auto decider = differsAt(question, point);
    if (!decider)
      return;
    const Instruction &by = program.code[*decider];
    double share = 0;
    for (uint32_t box = by.firstBox; box != by.endBox; ++box)
      share += question.region.share(program.box(box));
    contrary[by.origin] = std::max(contrary[by.origin], share);
  };
  for (const Question &question : questions) {
    Random random(question.pc + 7);
    for (const Point &point : samples(question, random))
      note(question, point);
    if (!contrary.empty())
      continue;
    for (Pc rival : rivals(question))
      for (uint32_t box = program.code[rival].firstBox; box != program.code[rival].endBox && contrary.empty(); ++box) {
        Region overlap = question.region;
        if (!overlap.overlaps(program.box(box)))
          continue;
        overlap.intersect(program.box(box));
        if (search.decide(rival, overlap) == Status::Live)
          note(question, Point(search.witness()));
      }
  }
  if (!contrary.empty()) {
    auto largest = std::max_element(contrary.begin(), contrary.end(),
                                    [](const auto &a, const auto &b) { return a.second < b.second; });
    reach.agreement = Agreement::Differs;
    reach.contrary = Taker{largest->first, {}};
    return;
  }
  bool duplicate =
      llvm::any_of(reach.takers, [&](const Taker &taker) { return sameMeaning(ruleOf(taker.rule), ruleOf(id)); });
  reach.agreement = duplicate ? Agreement::Duplicate : Agreement::Same;
}

} // namespace iptlint::analysis
