#include "analysis/CallGraph.h"
#include <algorithm>
#include <cassert>

namespace iptlint::analysis {

using ir::RuleId;

static void collectSites(const ir::Table &table, CallGraph &graph) {
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    const auto &rules = table.chains[c].rules;
    for (uint32_t r = 0; r != rules.size(); ++r) {
      const ir::Target &target = rules[r].target;
      if (target.kind != ir::TargetKind::Jump && target.kind != ir::TargetKind::Goto)
        continue;
      if (target.chain == ir::kNoChain) {
        graph.undefined.push_back({c, r});
        continue;
      }
      graph.callees[c].push_back({{c, r}, target.chain});
      graph.callers[target.chain].push_back({{c, r}, target.chain});
    }
  }
}

static void markReached(const ir::Table &table, CallGraph &graph) {
  std::vector<uint32_t> open;
  for (uint32_t c = 0; c != table.chains.size(); ++c)
    if (table.chains[c].hook) {
      graph.reachedFromHook[c] = true;
      open.push_back(c);
    }
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    for (const CallGraph::Site &site : graph.callees[chain])
      if (!graph.reachedFromHook[site.target]) {
        graph.reachedFromHook[site.target] = true;
        open.push_back(site.target);
      }
  }
}

/// Turns a cycle so that it starts in its earliest chain; cycles found twice become equal.
static std::vector<CallGraph::Site> fromEarliest(std::vector<CallGraph::Site> cycle) {
  auto first = std::min_element(cycle.begin(), cycle.end(),
                                [](const auto &a, const auto &b) { return a.rule < b.rule; });
  std::rotate(cycle.begin(), first, cycle.end());
  return cycle;
}

/// Depth-first walk with an explicit stack. Finishing order reversed is callers before callees; a
/// site that leads back into the stack closes a cycle.
class CycleWalk {
public:
  explicit CycleWalk(CallGraph &graph) : graph(graph), colour(graph.callees.size(), White) {}

  void run() {
    for (uint32_t c = 0; c != colour.size(); ++c)
      if (colour[c] == White)
        walk(c);
    std::reverse(graph.callersFirst.begin(), graph.callersFirst.end());
  }

private:
  enum Colour : uint8_t { White, Grey, Black };
  struct Frame {
    uint32_t chain;
    size_t next = 0; ///< index into the chain's callees
  };

  void walk(uint32_t start) {
    enter(start);
    while (!stack.empty()) {
      Frame &frame = stack.back();
      if (frame.next == graph.callees[frame.chain].size()) {
        finish(frame.chain);
        continue;
      }
      uint32_t target = graph.callees[frame.chain][frame.next++].target;
      if (colour[target] == White)
        enter(target);
      else if (colour[target] == Grey)
        closeCycle(target);
    }
  }

  void enter(uint32_t chain) {
    colour[chain] = Grey;
    stack.push_back({chain});
  }

  void finish(uint32_t chain) {
    colour[chain] = Black;
    graph.callersFirst.push_back(chain);
    stack.pop_back();
  }

  void closeCycle(uint32_t target) {
    auto from = std::find_if(stack.begin(), stack.end(), [&](const Frame &f) { return f.chain == target; });
    std::vector<CallGraph::Site> cycle;
    for (auto frame = from; frame != stack.end(); ++frame)
      cycle.push_back(graph.callees[frame->chain][frame->next - 1]);
    cycle = fromEarliest(std::move(cycle));
    bool known = std::any_of(graph.cycles.begin(), graph.cycles.end(), [&](const auto &other) {
      return std::equal(other.begin(), other.end(), cycle.begin(), cycle.end(),
                        [](const auto &a, const auto &b) { return a.rule == b.rule; });
    });
    if (!known)
      graph.cycles.push_back(std::move(cycle));
  }

  CallGraph &graph;
  std::vector<Colour> colour;
  std::vector<Frame> stack;
};

/// Chains on a cycle and all chains that can come to one: against the direction of the calls.
static void markBehindCycles(CallGraph &graph) {
  std::vector<uint32_t> open;
  auto mark = [&](uint32_t chain) {
    if (!graph.onCycleOrBehind[chain]) {
      graph.onCycleOrBehind[chain] = true;
      open.push_back(chain);
    }
  };
  for (const auto &cycle : graph.cycles)
    for (const CallGraph::Site &site : cycle)
      mark(site.target);
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    for (const CallGraph::Site &site : graph.callers[chain])
      mark(site.rule.chain);
  }
  auto &order = graph.callersFirst;
  order.erase(std::remove_if(order.begin(), order.end(), [&](uint32_t c) { return graph.onCycleOrBehind[c]; }),
              order.end());
}

static void measureDepth(const ir::Table &table, CallGraph &graph) {
  for (uint32_t chain : graph.callersFirst) {
    if (table.chains[chain].hook)
      graph.depth[chain] = std::max(graph.depth[chain], 1u);
    if (graph.depth[chain] == 0)
      continue;
    for (const CallGraph::Site &site : graph.callees[chain])
      graph.depth[site.target] = std::max(graph.depth[site.target], graph.depth[chain] + 1);
  }
}

/// A packet that gets to the rule may come back to the caller of the rule's chain there.
static bool mayReturn(const ir::Rule &rule, const CallGraph &graph) {
  bool goesWhereItReturns = rule.target.kind == ir::TargetKind::Goto &&
                            (rule.target.chain == ir::kNoChain || !graph.neverReturns[rule.target.chain]);
  return rule.broken || rule.target.kind == ir::TargetKind::Return || goesWhereItReturns;
}

/// No packet gets past the rule.
static bool endsAll(const ir::Rule &rule, const CallGraph &graph) {
  switch (rule.target.kind) {
  case ir::TargetKind::Accept:
  case ir::TargetKind::Drop:
  case ir::TargetKind::Verdict:
    return rule.tests.empty();
  case ir::TargetKind::Jump:
  case ir::TargetKind::Goto:
    return rule.tests.empty() && rule.target.chain != ir::kNoChain && graph.neverReturns[rule.target.chain];
  default:
    return false;
  }
}

void findChainsWithoutReturn(const ir::Table &table, CallGraph &graph) {
  for (auto chain = graph.callersFirst.rbegin(); chain != graph.callersFirst.rend(); ++chain)
    for (const ir::Rule &rule : table.chains[*chain].rules) {
      if (mayReturn(rule, graph))
        break;
      if ((graph.neverReturns[*chain] = endsAll(rule, graph)))
        break;
    }
}

/// Adds all chains that \p next leads to from those that are marked.
template <typename Next> static void close(std::vector<bool> &marked, Next next) {
  std::vector<uint32_t> open;
  for (uint32_t chain = 0; chain != marked.size(); ++chain)
    if (marked[chain])
      open.push_back(chain);
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    next(chain, [&](uint32_t other) {
      if (!marked[other])
        open.push_back(other);
      marked[other] = true;
    });
  }
}

/// Marks where a jump from the chain may lead: not to itself nor to one that leads to it, for that would be a loop.
static void markPossibleTargets(uint32_t from, const ir::Table &table, const CallGraph &graph, std::vector<bool> &marked) {
  std::vector<bool> above(table.chains.size());
  above[from] = true;
  close(above, [&](uint32_t chain, auto mark) {
    for (const CallGraph::Site &site : graph.callers[chain])
      mark(site.rule.chain);
  });
  for (uint32_t chain = 0; chain != above.size(); ++chain)
    if (!above[chain] && !table.chains[chain].hook)
      marked[chain] = true;
}

std::vector<bool> chainsOfBrokenRules(const ir::Table &table, const CallGraph &graph) {
  std::vector<bool> entered(table.chains.size());
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    bool anyWithoutTarget = false;
    for (const ir::Rule &rule : table.chains[c].rules) {
      if (rule.broken && rule.target.chain != ir::kNoChain)
        entered[rule.target.chain] = true;
      anyWithoutTarget |= rule.broken && rule.target.name.empty();
    }
    if (anyWithoutTarget)
      markPossibleTargets(c, table, graph, entered);
  }
  close(entered, [&](uint32_t chain, auto mark) {
    for (const CallGraph::Site &site : graph.callees[chain])
      mark(site.target);
  });
  return entered;
}

CallGraph buildCallGraph(const ir::Table &table) {
  size_t count = table.chains.size();
  CallGraph graph;
  graph.callees.resize(count);
  graph.callers.resize(count);
  graph.reachedFromHook.resize(count);
  graph.onCycleOrBehind.resize(count);
  graph.depth.resize(count);
  graph.neverReturns.resize(count);
  collectSites(table, graph);
  markReached(table, graph);
  CycleWalk(graph).run();
  markBehindCycles(graph);
  measureDepth(table, graph);
  return graph;
}

} // namespace iptlint::analysis
