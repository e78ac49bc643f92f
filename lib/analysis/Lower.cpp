#include "analysis/Lower.h"
#include "analysis/Dataflow.h"
#include "analysis/Group.h"
#include "analysis/Ranking.h"
#include "analysis/Writers.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

namespace iptlint::analysis {

using ir::RuleId;
using ir::TargetKind;

namespace {

/// Where the walk goes on when a block ends: `chain` from `rule` on, then `outer`.
struct Continuation {
  uint32_t chain, rule, outer;
  auto operator<=>(const Continuation &) const = default;
};

/// What a block is a copy of. `continuation` kNone: its end returns to whoever called it.
struct BlockKey {
  uint32_t chain, rule, state, continuation;
  auto operator<=>(const BlockKey &) const = default;
};

class Lowering {
public:
  Lowering(const ir::Table &table, packet::Family family, const CallGraph &graph, bool defragmented,
           std::optional<size_t> mostInstructions)
      : table(table), family(family), graph(graph), defragmented(defragmented), grouping(table, family),
        flow(table, graph), program(family) {
    program.numberRules(table);
    codeLimit = mostInstructions.value_or(4 * program.byRule.size() + 20'000);
  }

  Program run() {
    uint32_t initial = stateId({});
    for (uint32_t c = 0; c != table.chains.size(); ++c)
      if (table.chains[c].hook && !graph.onCycleOrBehind[c])
        enterFromHook(blockFor({c, 0, initial, kNone}), *table.chains[c].hook);
    // Chains that no hook reaches have instructions too, so that every rule has an answer.
    for (uint32_t c : graph.callersFirst)
      if (!graph.reachedFromHook[c])
        blockFor({c, 0, initial, kNone});
    // The list grows while it is worked off.
    for (BlockId block = 0; block != keys.size(); ++block)
      fill(block);
    numberClasses();
    program.link();
    return std::move(program);
  }

private:
  uint32_t stateId(const State &state) {
    auto [entry, isNew] = stateIds.try_emplace(state, uint32_t(states.size()));
    if (isNew)
      states.push_back(&entry->first);
    return entry->second;
  }

  uint32_t continuationId(const Continuation &continuation) {
    auto [entry, isNew] = continuationIds.try_emplace(continuation, uint32_t(continuations.size()));
    if (isNew)
      continuations.push_back(continuation);
    return entry->second;
  }

  BlockId blockFor(const BlockKey &key) {
    auto [entry, isNew] = blockIds.try_emplace(key, BlockId(keys.size()));
    if (isNew) {
      keys.push_back(key);
      promised += table.chains[key.chain].rules.size() - key.rule;
      program.blocks.push_back({.chain = key.chain});
    }
    return entry->second;
  }

  void enterFromHook(BlockId id, packet::Hook hook) {
    ValueBox box;
    auto demand = [&](Field field, Value lo, Value hi) {
      for (Value group : grouping.groups(field))
        box.push_back({program.space.dimension(field, group, 0), extractBits(lo, group), extractBits(hi, group)});
    };
    demand(Field::Hook, Value(hook), Value(hook));
    for (Field interface : {Field::In, Field::Out}) {
      packet::Presence presence = packet::presence(hook, interface);
      if (presence != packet::Presence::Either)
        demand(interface, presence == packet::Presence::Present, presence == packet::Presence::Present ? ~Value(0) : 0);
    }
    if (defragmented || !packet::seesFragments(hook, family))
      demand(Field::Fragment, 0, 0);
    std::sort(box.begin(), box.end(), [](const auto &a, const auto &b) { return a.dim < b.dim; });
    entries.push_back({id, valueBoxes.keep({box})});
    program.blocks[id].isHook = true;
  }

  // --- Instructions

  /// Where a block is being filled.
  struct Filling {
    BlockId block;
    BlockKey key;
    uint32_t state; ///< in which packets are met that no writer has written to
    Writers writers;
    Parts lost; ///< what was blurred on the way: a writer before that does not make it known again
  };

  /// \param part  its boxes are not all of the rule's condition.
  void add(const Filling &at, Instruction instruction, const Condition &condition, bool part = false) {
    instruction.block = at.block;
    instruction.maybe |= condition.maybe;
    instruction.approximate |= condition.approximate;
    program.code.push_back(instruction);
    boxesOf.push_back(valueBoxes.keep(condition.boxes));
    isAlone.push_back(at.state == 0 && !at.writers.written().any() && !instruction.probe && !instruction.synthetic &&
                      !part);
  }

  void fill(BlockId block) {
    Filling at{block, keys[block], keys[block].state, {}, {}};
    const ir::Chain &chain = table.chains[at.key.chain];
    program.blocks[block].first = Pc(program.code.size());
    std::vector<Parts> later = readsFrom(chain, at.key);
    for (uint32_t r = at.key.rule; r != chain.rules.size(); ++r)
      addRule(at, {at.key.chain, r}, later[r - at.key.rule]);
    if (at.key.continuation != kNone)
      addEnd(at);
    program.blocks[block].end = Pc(program.code.size());
  }

  /// What may be read after each rule of a block: one entry per rule.
  std::vector<Parts> readsFrom(const ir::Chain &chain, const BlockKey &key) const {
    std::vector<Parts> later(chain.rules.size() - key.rule);
    Parts reads = flow.readsAfter[key.chain];
    for (uint32_t r = uint32_t(chain.rules.size()); r != key.rule; --r) {
      later[r - 1 - key.rule] = reads;
      reads |= flow.readsOf(chain.rules[r - 1]);
    }
    return later;
  }

  /// The packets that meet \p tests here, by the state they are in as far as \p needs tells states apart.
  std::vector<Group> groupsOf(const Filling &at, llvm::ArrayRef<ir::Test> tests, Parts needs) {
    Parts written = at.writers.written();
    if (!written.any())
      return {{at.state, conditionIn(tests, at.state)}};
    std::vector<ir::Test> fixed, changing;
    for (const ir::Test &test : tests)
      (partsRead(test).meets(written) ? changing : fixed).push_back(test);
    for (const ir::Test &test : changing)
      needs |= partsRead(test);
    Condition condition = conditionIn(fixed, at.state);
    if (!needs.meets(written))
      return {{at.state, std::move(condition)}};
    auto pieces = at.writers.split(condition.boxes, *states[at.state], needs, program.space);
    if (!pieces) {
      condition.maybe = condition.approximate = true;
      return {{stateId(blurred(*states[at.state], written)), std::move(condition)}};
    }
    std::map<uint32_t, Condition> byState;
    for (const StatePiece &piece : *pieces) {
      uint32_t state = stateId(at.lost.any() ? blurred(piece.state, at.lost) : piece.state);
      addPiece(byState[state], condition, piece, conditionIn(changing, state));
    }
    std::vector<Group> groups;
    for (auto &[state, part] : byState)
      groups.push_back({state, std::move(part)});
    // A rule without packets is still a rule.
    return groups.empty() ? std::vector<Group>{{at.state, std::move(condition)}} : groups;
  }

  Condition conditionIn(llvm::ArrayRef<ir::Test> tests, uint32_t state) {
    // Where long lists have filled the memory already, further ones are only bounded.
    constexpr size_t kManyBounds = size_t(1) << 22;
    bool isFull = valueBoxes.allBounds().size() > kManyBounds;
    return conditionOf(tests, *states[state], grouping, program.space, family, isFull ? 0 : kMostBoxes);
  }

  void addRule(Filling &at, RuleId id, const Parts &later) {
    const ir::Rule &rule = table.chains[id.chain].rules[id.rule];
    addProbe(at, id, rule);
    bool matters = flow.writesOf(rule).meets(later);
    bool follow = matters && promised < codeLimit;
    if (follow && rule.target.kind == TargetKind::Continue && !rule.broken && addWriter(at, id, rule))
      return;
    if (follow && rule.target.writesIf && !mayDoAnything(rule)) {
      addInCase(at, id, rule, later, /*written=*/true);
      addInCase(at, id, rule, later, /*written=*/false);
    } else {
      addAs(at, id, rule, readable(rule), later, follow);
    }
    if (matters && !follow && !isGoto(rule)) {
      at.lost |= flow.writesOf(rule);
      at.state = stateId(blurred(*states[at.state], at.lost));
    }
  }

  void addAs(const Filling &at, RuleId id, const ir::Rule &rule, llvm::ArrayRef<ir::Test> tests, const Parts &later,
             bool follow, bool part = false) {
    std::vector<Group> groups = groupsOf(at, tests, needsBehind(rule, id.chain, later, follow));
    noteIfNeverMatching(rule, id, groups);
    bool isPlain = !follow && !leadsOn(rule, at.key);
    if (isPlain)
      groups = {{at.state, joined(std::move(groups))}};
    for (Group &group : groups)
      addInstructions(at, id, rule, group, follow, part);
  }

  /// A rule whose target writes to some of its packets only, for those or for the others.
  void addInCase(const Filling &at, RuleId id, const ir::Rule &rule, const Parts &later, bool written) {
    addAs(at, id, rule, testsWhere(rule, written), later, written, /*part=*/true);
  }

  /// A rule whose condition is exact stays where it is; later ones are cut along it. False if it is not.
  bool addWriter(Filling &at, RuleId id, const ir::Rule &rule) {
    std::vector<Group> groups = groupsOf(at, rule.tests, {});
    std::vector<Group> written = rule.target.writesIf ? groupsOf(at, testsWhere(rule, true), {}) : groups;
    if (!isExact(groups) || !isExact(written))
      return false;
    noteIfNeverMatching(rule, id, groups);
    add(at, {.origin = id}, joined(std::move(groups)));
    at.writers.add(joined(std::move(written)).boxes, rule, at.lost);
    return true;
  }

  void addInstructions(const Filling &at, RuleId id, const ir::Rule &rule, Group &group, bool follow, bool part) {
    // A broken rule may stand for a RETURN, and a goto to nowhere may end in one.
    bool mayReturn = rule.broken || (rule.target.kind == TargetKind::Goto && rule.target.chain == ir::kNoChain);
    group.condition.maybe |= mayReturn;
    Instruction instruction{.origin = id};
    decideAction(instruction, at.key, rule, group.state, follow);
    add(at, instruction, group.condition, part);
    if (mayReturn) {
      Instruction back{.maybe = true, .synthetic = true, .origin = id};
      leave(back, at.key, follow ? stateId(afterTarget(*states[group.state], rule)) : group.state);
      add(at, back, group.condition);
    }
  }

  void noteIfNeverMatching(const ir::Rule &rule, RuleId id, llvm::ArrayRef<Group> groups) {
    if (llvm::all_of(groups, [](const Group &group) { return group.condition.boxes.empty(); }) &&
        conditionOf(readable(rule), State(), grouping, program.space, family).boxes.empty())
      program.neverMatches[program.firstRuleOfChain[id.chain] + id.rule] = true;
  }

  /// What a rule's packets may be asked later, where that makes a difference to what the rule becomes here.
  Parts needsBehind(const ir::Rule &rule, uint32_t chain, const Parts &later, bool follow) const {
    switch (rule.target.kind) {
    case TargetKind::Jump:
      return follow ? later | flow.readsOf(rule) : flow.readsOf(rule);
    case TargetKind::Goto:
      return flow.readsOf(rule) | flow.readsAfter[chain];
    case TargetKind::Return:
      return flow.readsAfter[chain];
    default:
      return follow || rule.broken ? later | flow.readsOfTarget(rule) : Parts();
    }
  }

  /// Whether the rule leads to other blocks, so that the state matters by itself.
  static bool leadsOn(const ir::Rule &rule, const BlockKey &key) {
    bool jumps = rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto;
    return jumps || rule.broken || (rule.target.kind == TargetKind::Return && key.continuation != kNone);
  }

  /// Back to the caller, in a state.
  void leave(Instruction &instruction, const BlockKey &key, uint32_t state) {
    instruction.action = Action::Return;
    if (key.continuation == kNone)
      return;
    instruction.action = Action::Goto;
    instruction.target = blockFor(entryOf(key.continuation, state));
  }

  /// A broken rule may match any packet, whatever could be read of it.
  static llvm::ArrayRef<ir::Test> readable(const ir::Rule &rule) {
    return rule.broken ? llvm::ArrayRef<ir::Test>() : llvm::makeArrayRef(rule.tests);
  }

  static bool isGoto(const ir::Rule &rule) {
    return rule.target.kind == TargetKind::Goto && rule.target.chain != ir::kNoChain && !rule.broken;
  }

  /// \param follow  what the rule's target (or the chain it calls) writes is read later and is to be followed.
  void decideAction(Instruction &instruction, const BlockKey &key, const ir::Rule &rule, uint32_t state, bool follow) {
    auto goTo = [&](const BlockKey &target) {
      instruction.action = Action::Goto;
      instruction.target = blockFor(target);
    };
    auto goOn = [&](const BlockKey &target) {
      goTo(target);
      instruction.continues = true;
    };
    RuleId id = instruction.origin;
    if (mayDoAnything(rule)) {
      if (follow)
        goOn({id.chain, id.rule + 1, stateId(afterTarget(*states[state], rule)), key.continuation});
      return;
    }
    switch (rule.target.kind) {
    case TargetKind::Accept:
    case TargetKind::Drop:
    case TargetKind::Verdict:
      instruction.action = Action::Stop;
      return;
    case TargetKind::Return:
      return leave(instruction, key, state);
    case TargetKind::Goto:
      return goTo({rule.target.chain, 0, state, graph.neverReturns[rule.target.chain] ? kNone : key.continuation});
    case TargetKind::Jump:
      if (follow)
        return goOn({rule.target.chain, 0, state, continuationId({id.chain, id.rule + 1, key.continuation})});
      instruction.action = Action::Call;
      instruction.target = blockFor({rule.target.chain, 0, state, kNone});
      return;
    case TargetKind::Continue:
      if (follow)
        goOn({id.chain, id.rule + 1, stateId(afterTarget(*states[state], rule)), key.continuation});
      return;
    case TargetKind::None:
    case TargetKind::Opaque:
      return;
    }
  }

  /// A rule whose tests go on after its first condition with state acts on packets that don't match it.
  void addProbe(const Filling &at, RuleId id, const ir::Rule &rule) {
    auto isStateful = [](const ir::Test &test) {
      auto *opaque = std::get_if<ir::OpaqueTest>(&test);
      return opaque && opaque->opacity == ir::Opacity::Stateful;
    };
    auto first = std::find_if(rule.tests.begin(), rule.tests.end(), isStateful);
    if (first == rule.tests.end())
      return;
    auto before = llvm::makeArrayRef(rule.tests).take_front(size_t(first - rule.tests.begin()));
    add(at, {.probe = true, .origin = id}, joined(groupsOf(at, before, {})));
  }

  BlockKey entryOf(uint32_t continuation, uint32_t state) const {
    const Continuation &c = continuations[continuation];
    return {c.chain, c.rule, state, c.outer};
  }

  void addEnd(const Filling &at) {
    for (const Group &group : groupsOf(at, {}, flow.readsAfter[at.key.chain])) {
      Instruction end{.action = Action::Goto, .synthetic = true, .continues = true, .origin = {}};
      end.target = blockFor(entryOf(at.key.continuation, group.state));
      add(at, end, group.condition);
    }
  }

  // --- From values to ranks

  void numberClasses() {
    for (const ValueBounds &bound : valueBoxes.allBounds())
      program.space.cut(bound.dim, bound.lo, bound.hi);
    program.space.close();
    for (size_t pc = 0; pc != program.code.size(); ++pc) {
      Instruction &instruction = program.code[pc];
      std::tie(instruction.firstBox, instruction.endBox) = addRanked(valueBoxes, boxesOf[pc], program);
      // Values that can't occur leave nothing either.
      if (isAlone[pc] && instruction.firstBox == instruction.endBox)
        program.neverMatches[program.firstRuleOfChain[instruction.origin.chain] + instruction.origin.rule] = true;
    }
    for (auto [block, boxes] : entries)
      std::tie(program.blocks[block].firstEntry, program.blocks[block].endEntry) = addRanked(valueBoxes, boxes, program);
    valueBoxes = {};
    boxesOf = {};
  }

  const ir::Table &table;
  packet::Family family;
  const CallGraph &graph;
  bool defragmented;
  Grouping grouping;
  Dataflow flow;
  Program program;
  size_t codeLimit;
  size_t promised = 0; ///< rules in all blocks, those that are still to be filled among them

  std::map<State, uint32_t> stateIds;
  std::vector<const State *> states; ///< std::map does not move its keys
  std::map<Continuation, uint32_t> continuationIds;
  std::vector<Continuation> continuations;
  std::map<BlockKey, BlockId> blockIds;
  std::vector<BlockKey> keys;

  ValueBoxes valueBoxes;
  std::vector<ValueBoxes::Range> boxesOf; ///< by instruction
  std::vector<bool> isAlone;              ///< by instruction: its boxes are its rule's condition, nothing else
  std::vector<std::pair<BlockId, ValueBoxes::Range>> entries;
};

} // namespace

Program lower(const ir::Table &table, packet::Family family, const CallGraph &graph, bool defragmented,
              std::optional<size_t> mostInstructions) {
  return Lowering(table, family, graph, defragmented, mostInstructions).run();
}

} // namespace iptlint::analysis
