#include "analysis/Reach.h"
#include "analysis/Assumptions.h"
#include "analysis/DeepStack.h"
#include "analysis/Delays.h"
#include "analysis/Exceptions.h"
#include "analysis/Explain.h"
#include "analysis/Gathers.h"
#include "analysis/IdleJumps.h"
#include "analysis/Merges.h"
#include "analysis/Overlaps.h"
#include "analysis/Redundant.h"
#include "analysis/Together.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

namespace iptlint::analysis {

using ir::RuleId;

/// Chains whose answers hang on a cycle that some packet can come to: those on it, those that lead
/// to it, and whatever these call.
static std::vector<bool> touchedByCycle(const CallGraph &graph) {
  std::vector<bool> touched(graph.callees.size());
  std::vector<uint32_t> open;
  auto touch = [&](uint32_t chain) {
    if (!touched[chain]) {
      touched[chain] = true;
      open.push_back(chain);
    }
  };
  for (uint32_t chain = 0; chain != touched.size(); ++chain)
    if (graph.onCycleOrBehind[chain] && graph.reachedFromHook[chain])
      touch(chain);
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    for (const CallGraph::Site &site : graph.callees[chain])
      touch(site.target);
  }
  for (uint32_t chain = 0; chain != touched.size(); ++chain)
    if (graph.onCycleOrBehind[chain])
      touched[chain] = true;
  return touched;
}

static void fillLive(RuleReach &reach, const Liveness::RuleAnswer &answer, const Program &program, Liveness &liveness,
                     const ir::Table &table, const ReachOptions &options) {
  if (!options.witnesses)
    return;
  reach.witness = std::make_unique<const packet::Packet>(program.space.packetOf(answer.witness));
  liveness.search.evaluator.moveTo(answer.witness);
  reach.assumedState =
      assumptionsFor(program, liveness.indices, liveness.search.evaluator, table, answer.livePc).state;
}

static void fillUnknown(RuleReach &reach, const Liveness::RuleAnswer &answer) {
  reach.reason = answer.approximate ? "a condition on the way has too many parts to be followed"
                                    : "no answer within the budget of steps";
}

/// Status of every rule, with what belongs to it.
static TableReach answersOf(const ir::Table &table, const Program &program, const CallGraph &graph, Liveness &liveness,
                            const std::vector<bool> &enteredByBroken, const ReachOptions &options) {
  std::vector<bool> touched = touchedByCycle(graph);
  auto neverMatches = [&](RuleId id) { return program.neverMatches[program.firstRuleOfChain[id.chain] + id.rule]; };
  TableReach result;
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    const auto &rules = table.chains[c].rules;
    auto &reaches = result.rules.emplace_back(rules.size());
    for (uint32_t r = 0; r != rules.size(); ++r) {
      if (touched[c]) {
        reaches[r].reason = "the chain takes part in a jump cycle";
        continue;
      }
      const Liveness::RuleAnswer &answer = liveness[{c, r}];
      if (enteredByBroken[c] && answer.status == Status::Dead && !neverMatches({c, r})) {
        reaches[r].reason = "a rule that could not be read may lead here";
        continue;
      }
      reaches[r].status = answer.status;
      if (rules[r].broken) {
        reaches[r].status = Status::Unknown;
        reaches[r].reason = "the rule could not be read";
      } else if (answer.status == Status::Live) {
        fillLive(reaches[r], answer, program, liveness, table, options);
      } else if (answer.status == Status::Unknown) {
        fillUnknown(reaches[r], answer);
      } else {
        reaches[r].hasEffectWhenDead = answer.evaluated;
        reaches[r].because = DeadBecause::Unreachable;
      }
    }
  }
  return result;
}

/// The first rule of a chain that no packet arrives at. Once that is so it stays so for the rest of
/// the chain, so it is found by bisection behind the last live rule.
static uint32_t firstUnreachable(uint32_t chain, const std::vector<RuleReach> &reaches, Explain &explain) {
  uint32_t end = uint32_t(reaches.size()), low = end;
  while (low != 0 && reaches[low - 1].status != Status::Live)
    --low;
  while (low != end) {
    uint32_t middle = low + (end - low) / 2;
    if (explain.unreachable({chain, middle}))
      end = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// \param unreachable  the first rule that no packet arrives at.
/// \param wanted  which of its dead rules are asked about.
static void explainChain(uint32_t chain, uint32_t unreachable, const Program &program, Explain &explain,
                         std::vector<RuleReach> &reaches, llvm::function_ref<bool(uint32_t)> wanted) {
  for (uint32_t r = 0; r != reaches.size(); ++r) {
    if (reaches[r].status != Status::Dead || !wanted(r))
      continue;
    if (program.neverMatches[program.firstRuleOfChain[chain] + r])
      reaches[r].because = DeadBecause::NeverMatches;
    else if (r < unreachable)
      explain.dead({chain, r}, reaches[r]);
  }
  if (unreachable != reaches.size())
    explain.position({chain, unreachable}, reaches[unreachable]);
}

/// Says why the wanted rules are dead and, of all rules, which live ones are superfluous.
static void addReasons(const ir::Table &table, const Program &program, const std::vector<bool> &enteredByBroken, Liveness &liveness, bool everyTaker,
                       const std::optional<std::set<RuleId>> &wanted, TableReach &result) {
  Explain explain(program, table, liveness, everyTaker);
  Redundant redundant(program, table, liveness);
  IdleJumps idleJumps(program, table, liveness);
  auto isWanted = [&](RuleId id) { return !wanted || wanted->count(id); };
  auto anyWanted = [&](uint32_t chain) {
    auto rules = llvm::seq<uint32_t>(0, uint32_t(result.rules[chain].size()));
    return llvm::any_of(rules, [&](uint32_t rule) { return isWanted({chain, rule}); });
  };
  // Found while dead sites are left out, which bring no packets and would only make it harder.
  std::vector<uint32_t> unreachable;
  for (const auto &reaches : result.rules)
    unreachable.push_back(uint32_t(reaches.size()));
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (anyWanted(chain) && !enteredByBroken[chain])
      unreachable[chain] = firstUnreachable(chain, result.rules[chain], explain);
  liveness.openDeadSites();
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain) {
    if (anyWanted(chain))
      explainChain(chain, unreachable[chain], program, explain, result.rules[chain],
                   [&](uint32_t rule) { return isWanted({chain, rule}); });
    if (wanted || enteredByBroken[chain])
      continue;
    redundant.judge(chain, result.rules[chain]);
    idleJumps.judge(chain, result.rules[chain]);
  }
}

static void addRedundancy(const ir::Table &table, const Program &program, const std::vector<bool> &enteredByBroken, const Liveness &liveness,
                          TableReach &result) {
  Redundant redundant(program, table, liveness);
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (!enteredByBroken[chain])
      redundant.judge(chain, result.rules[chain]);
}

/// What depends on the order of rules, where somebody asks for it.
static void addExtras(const ir::Table &table, const Program &program, const CallGraph &graph, const Liveness &liveness,
                      const ReachOptions &options, TableReach &result) {
  const Extras &extras = options.extras;
  if (extras.merges || extras.delays) {
    Moves moves(program, table, graph);
    if (extras.merges)
      result.merges = findMerges(table, moves, result.rules, extras.anyComments, options.mayMerge);
    if (extras.delays)
      result.delays = findDelays(table, graph, moves, result.rules);
  }
  if (extras.exceptions || extras.overlaps) {
    Indices all(program);
    if (extras.exceptions)
      result.generals = findGenerals(program, table, liveness, all);
    if (extras.overlaps)
      result.overlaps = findOverlaps(program, table, liveness, all);
  }
}

static TableReach compute(const ir::Table &table, const Program &program, const CallGraph &graph,
                          const ReachOptions &options) {
  Liveness liveness(program, table, options);
  liveness.run();
  std::vector<bool> enteredByBroken = chainsOfBrokenRules(table, graph);
  TableReach result = answersOf(table, program, graph, liveness, enteredByBroken, options);
  if (!options.explain)
    return result;
  std::optional<std::set<RuleId>> wanted;
  if (options.explainOnly && (wanted = options.explainOnly(result))->empty())
    return result;
  if (options.onlyRedundancy)
    addRedundancy(table, program, enteredByBroken, liveness, result);
  else
    addReasons(table, program, enteredByBroken, liveness, options.everyTaker, wanted, result);
  if (options.mayGo)
    result.together = chooseTogether(program, result.rules, options.mayGo);
  addExtras(table, program, graph, liveness, options, result);
  return result;
}

TableReach computeReach(const ir::Table &table, packet::Family family, const CallGraph &graph,
                        const ReachOptions &options) {
  Program program = lower(table, family, graph, options.defragmented, options.mostInstructions);
  TableReach result;
  onFittingStack(program, [&] { result = compute(table, program, graph, options); });
  return result;
}

std::vector<Gather> computeGathers(const ir::Table &table, packet::Family family, const CallGraph &graph,
                                   const GatherOptions &options) {
  Program program = lower(table, family, graph, options.defragmented);
  ReachOptions asked;
  asked.defragmented = options.defragmented;
  std::vector<Gather> gathers;
  onFittingStack(program, [&] {
    Liveness liveness(program, table, asked);
    liveness.run();
    std::vector<bool> enteredByBroken = chainsOfBrokenRules(table, graph);
    TableReach reach = answersOf(table, program, graph, liveness, enteredByBroken, asked);
    addRedundancy(table, program, enteredByBroken, liveness, reach);
    Moves moves(program, table, graph);
    gathers = findGathers(table, moves, reach.rules, options);
  });
  return gathers;
}

static bool isConntrackTest(const ir::Test &test) {
  bool readsFlow = false;
  ir::forEachRead(test, [&](packet::Field field, packet::Value) { readsFlow |= packet::isOfFlow(field); });
  if (readsFlow)
    return true;
  if (auto *opaque = std::get_if<ir::OpaqueTest>(&test))
    for (llvm::StringRef match : {"-m conn", "-m state", "-m helper", "-m cluster", "-m socket"})
      if (opaque->option.startswith(match))
        return true;
  return false;
}

/// Not a chain that happens to be called like one.
static bool isExtension(const ir::Target &target) {
  return target.kind != ir::TargetKind::Jump && target.kind != ir::TargetKind::Goto;
}

bool usesConntrack(const ir::Table &table) {
  // NOTRACK and CT --notrack turn tracking off and do not turn it on (xt_CT.c, xt_ct_tg_check()).
  static constexpr llvm::StringLiteral targets[] = {"CT",         "CONNMARK", "CONNSECMARK", "DNAT", "SNAT",
                                                    "MASQUERADE", "REDIRECT", "NETMAP",      "SAME", "CLUSTERIP",
                                                    "SYNPROXY",   "TPROXY"};
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      if (llvm::any_of(rule.tests, isConntrackTest) ||
          (isExtension(rule.target) && llvm::is_contained(targets, rule.target.name) &&
           !rule.target.options.contains("--notrack")))
        return true;
  return false;
}

} // namespace iptlint::analysis
