#include "analysis/Explain.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

namespace iptlint::analysis {

using ir::RuleId;

constexpr size_t kMaxTakers = 256;
constexpr size_t kMaxCandidates = 8;
/// For each question about why a rule is dead: what is not said by then is hard to read as well.
constexpr uint64_t kMostSteps = 10'000;

Explain::Explain(const Program &program, const ir::Table &table, Liveness &liveness, bool everyTaker)
    : program(program), table(table), liveness(liveness), search(liveness.search), everyTaker(everyTaker), fates(program, table) {
  for (Pc pc = 0; pc != program.code.size(); ++pc)
    if (program.code[pc].continues && !program.code[pc].maybe)
      continuing.push_back(pc);
}

static bool sameTarget(const ir::Rule &a, const ir::Rule &b) {
  return a.target.kind == b.target.kind && a.target.name == b.target.name && a.target.options == b.target.options;
}

/// The same normal form: the same tests in whatever order, and the same target.
static bool sameMeaning(const ir::Rule &a, const ir::Rule &b) {
  return sameTarget(a, b) && a.tests.size() == b.tests.size() && std::is_permutation(a.tests.begin(), a.tests.end(), b.tests.begin());
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

static std::vector<Taker> listed(const std::map<RuleId, std::vector<RuleId>> &takers) {
  std::vector<Taker> list;
  for (const auto &[rule, path] : takers)
    list.push_back({rule, path});
  return list;
}

/// What is shown of an attempt.
void Explain::fillTakers(llvm::ArrayRef<Question> questions, Attempt &found, RuleReach &reach) {
  if (everyTaker)
    found.complete &= addEveryTaker(questions, found.takers);
  reach.takers = listed(found.takers);
  reach.takersIncomplete = !found.complete;
}

void Explain::position(RuleId id, RuleReach &reach) {
  std::vector<Question> questions;
  for (Pc pc : program.instructionsOf(id))
    if (!program.code[pc].probe)
      questions.push_back({pc, Region(program.space)});
  asked = questions;
  if (!arrives(questions))
    return;
  Attempt found = findTakers(questions, false);
  fillTakers(questions, found, reach);
}

void Explain::dead(RuleId id, RuleReach &reach) {
  std::vector<Question> questions = questionsOf(id);
  asked = questions;
  gaveUp = false;
  if (questions.empty()) {
    reach.because = DeadBecause::NotArriving; // not in any state it is met in
    return;
  }
  // Whoever has a taker has packets that arrive.
  Attempt found = findTakers(questions, true);
  if (found.takers.empty() && !arrives(questions)) {
    reach.because = DeadBecause::NotArriving;
    return;
  }
  reach.because = DeadBecause::Taken;
  if (found.complete && fareWell(questions, found)) {
    bool twin = llvm::any_of(found.takers, [&](const auto &t) { return sameMeaning(ruleOf(t.first), ruleOf(id)); });
    reach.agreement = twin ? Agreement::Duplicate : Agreement::Same;
  } else {
    // Where it is not known who gets some of its packets, an agreeing rule may have been passed over.
    if (found.question && !gaveUp)
      findContrary(questions, found, reach);
    reach.agreement = reach.contrary ? Agreement::Differs : Agreement::Undecided;
    found = findTakers(questions, false);
  }
  fillTakers(questions, found, reach);
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
    search.restrict(&restriction);
    Status status = search.decide(question.pc, question.region, kMostSteps);
    search.restrict(nullptr);
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

/// Whether any packet would arrive if nothing took it.
bool Explain::arrives(llvm::ArrayRef<Question> questions) {
  return decideWith({}, questions, nullptr) != Status::Dead;
}

/// \param agreeing  only rules that do as the dead rule would; then the attempt may fail.
Explain::Attempt Explain::findTakers(llvm::ArrayRef<Question> questions, bool agreeing) {
  Attempt attempt;
  attempt.complete = takeSeeds(questions, agreeing, attempt.takers);
  while (!attempt.complete && attempt.takers.size() < kMaxTakers) {
    const Question *open = nullptr;
    Status status = decideWith(attempt.takers, questions, &open);
    if (status == Status::Dead) {
      attempt.complete = true;
    } else if (status == Status::Unknown) {
      break;
    } else {
      Point point = search.witness();
      bool added = agreeing ? addAgreeingTakerOf(*open, point, attempt.takers) : addTakerOf(*open, point, attempt.takers);
      if (!added) {
        attempt.question = open;
        attempt.point = std::move(point);
        break;
      }
    }
  }
  if (attempt.complete)
    dropSpare(questions, attempt.takers);
  return attempt;
}

/// Whether two instructions do the same to a packet and for it.
bool Explain::doesTheSame(Pc one, Pc other) const {
  return sameTarget(ruleAt(one), ruleAt(other));
}

/// One rule that holds everything is the best explanation, one with the very same text better still.
/// True if it was enough.
bool Explain::takeSeeds(llvm::ArrayRef<Question> questions, bool agreeing, RuleSet &takers) {
  constexpr unsigned kMaxSeeds = 4, kMaxLooks = 64;
  const Question &first = questions.front();
  BlockId block = program.code[first.pc].block;
  std::optional<RuleId> holder;
  unsigned tries = 0, looks = 0;
  for (Pc from = program.blocks[block].first; tries != kMaxSeeds && looks != kMaxLooks; ++looks) {
    Pc around = std::min(liveness.indices[block].stops.firstAround(first.region, from, first.pc).pc,
                         liveness.indices[block].leaves.firstAround(first.region, from, first.pc).pc);
    if (around == kNone)
      break;
    from = around + 1;
    if (program.code[around].continues || (agreeing && !doesTheSame(around, first.pc)))
      continue;
    ++tries;
    bool same = sameMeaning(ruleAt(around), ruleAt(first.pc));
    RuleId candidate = program.code[around].origin;
    bool holdsAll = llvm::all_of(questions, [&](const Question &q) { return isWithin(q, around); });
    if ((!holder || same) && takesSome(around) &&
        (holdsAll || decideWith({{candidate, {}}}, questions, nullptr) == Status::Dead))
      holder = candidate;
    if (same)
      break;
  }
  if (holder)
    takers[*holder] = {};
  return holder.has_value();
}

/// Whether all packets of the question are in one box of an earlier instruction of its block.
bool Explain::isWithin(const Question &question, Pc pc) const {
  const Instruction &instruction = program.code[pc];
  if (instruction.block != program.code[question.pc].block || pc >= question.pc)
    return false;
  return liveness.indices.anyAround(pc, question.region);
}

/// Whether an instruction really gets some packet of the dead rule; the search's witness is one then.
bool Explain::takesSome(Pc taker) {
  return llvm::any_of(asked, [&](const Question &question) { return takesSomeOf(question, taker); });
}

bool Explain::takesSomeOf(const Question &question, Pc taker) {
  const Instruction &instruction = program.code[taker];
  for (uint32_t box = instruction.firstBox; box != instruction.endBox; ++box) {
    Region both = question.region;
    if (!search.narrow(question.pc, both) || !both.overlaps(program.box(box)))
      continue;
    both.intersect(program.box(box));
    Status status = search.decide(taker, both, kMostSteps);
    gaveUp |= status == Status::Unknown;
    if (status == Status::Live && !arrivals(question.pc, Point(search.witness())).empty())
      return true;
  }
  return false;
}

/// Adds the rules by which the evaluator's point ends, or is sent away from the question's instruction, from
/// \p taking on. True if one of them is new.
bool Explain::addEndOf(const Question &question, Pc taking, RuleSet &takers) {
  const std::vector<bool> &above = ancestorsOf(program.code[question.pc].block);
  std::vector<RuleId> path;
  size_t before = takers.size();
  for (Pc pc = taking; pc != kNone;) {
    const Instruction &instruction = program.code[pc];
    bool takes = instruction.action == Action::Stop || (instruction.action != Action::Call && above[instruction.block]);
    if (takes && !instruction.continues)
      takers.try_emplace(instruction.origin, path);
    if (!instruction.synthetic)
      path.push_back(instruction.origin);
    bool leads = instruction.target != kNone && (instruction.action == Action::Call || !above[instruction.block]);
    pc = leads ? search.evaluator.blocker(instruction.target) : kNone;
  }
  return takers.size() != before;
}

/// Adds whoever keeps a point from getting to the question's instruction.
bool Explain::addTakerOf(const Question &question, const Point &point, RuleSet &takers) {
  for (const Arrival &arrival : arrivals(question.pc, point))
    if (auto taking = takingOn(arrival, question.pc); taking && addEndOf(question, taking->by, takers))
      return true;
  return false;
}

/// Likewise, but only one that does as the dead rule would: who takes the point, or would if it got that far.
bool Explain::addAgreeingTakerOf(const Question &question, const Point &point, RuleSet &takers) {
  if (!differsAt(question, point))
    return addTakerOf(question, point, takers);
  for (const Arrival &arrival : arrivals(question.pc, point)) {
    Pc stop = agreeingStop(question, arrival);
    if (stop != kNone && addEndOf(question, stop, takers))
      return true;
    Pc call = agreeingCall(question);
    if (call != kNone && addEndOf(question, call, takers))
      return true;
  }
  return false;
}

/// A rule on the way that contains the point, gets some of the dead rule's packets and does by them as it would.
Pc Explain::agreeingStop(const Question &question, const Arrival &arrival) {
  const Point point = search.evaluator.point();
  std::vector<Pc> limits = arrival.sites;
  limits.push_back(question.pc);
  std::set<Pc> candidates;
  bool ends = program.code[question.pc].action == Action::Stop;
  for (Pc limit : limits) {
    const Instruction &instruction = program.code[limit];
    Pc first = program.blocks[instruction.block].first;
    auto consider = [&](const BoxIndex::Entry &entry) {
      bool isStop = program.code[entry.pc].action == Action::Stop;
      // Of a rule that ends the table only one with the same verdict can do the same.
      if (!program.code[entry.pc].continues && (!ends || !isStop || doesTheSame(entry.pc, question.pc)))
        candidates.insert(entry.pc);
      return candidates.size() < kMaxCandidates;
    };
    liveness.indices[instruction.block].stops.forEachContaining(point, first, limit, consider);
    liveness.indices[instruction.block].leaves.forEachContaining(point, first, limit, consider);
  }
  return firstAgreeing(candidates, question);
}

/// Likewise a call in its chain that the point would not come back from.
Pc Explain::agreeingCall(const Question &question) {
  const Instruction &wanting = program.code[question.pc];
  const Point point = search.evaluator.point();
  std::set<Pc> candidates;
  liveness.indices[wanting.block].calls.forEachContaining(
      point, program.blocks[wanting.block].first, question.pc, [&](const BoxIndex::Entry &entry) {
        if (!search.evaluator.canReturn(program.code[entry.pc].target))
          candidates.insert(entry.pc);
        return candidates.size() < kMaxCandidates;
      });
  return firstAgreeing(candidates, question);
}

/// The first that gets some of the dead rule's packets and does by them as it would.
Pc Explain::firstAgreeing(const std::set<Pc> &candidates, const Question &question) {
  const Point point = search.evaluator.point();
  auto agrees = [&](Pc pc) { return takesSome(pc) && !differsAt(question, Point(search.witness())); };
  auto found = llvm::find_if(candidates, agrees);
  search.evaluator.moveTo(point);
  return found == candidates.end() ? kNone : *found;
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

} // namespace iptlint::analysis
