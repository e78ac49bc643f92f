// The text form: below each built-in chain what it calls, indented; a chain that is called again is not opened again.
#include "report/Graph.h"
#include "report/Line.h"
#include "report/Wording.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::report {

/// Deeper than this the kernel of nft takes no chains, and lines would leave the screen.
constexpr size_t kDeepest = 40;

static std::string describe(const GraphChain &chain) {
  if (chain.missing)
    return "does not exist";
  std::string text = counted(chain.rules, "rule");
  if (!chain.policy.empty())
    text += chain.policy == "policy" ? ", policy not stated" : ", policy " + chain.policy;
  if (chain.packets)
    text += ", " + counted(*chain.packets, "packet");
  return text;
}

static std::string describe(const GraphCall &call) {
  std::string text = call.jumps ? counted(call.jumps, "jump") : "";
  if (call.gotos)
    text += (text.empty() ? "" : ", ") + counted(call.gotos, "goto");
  if (call.packets)
    text += ", " + counted(*call.packets, "packet");
  return text + (call.conditions.empty() ? "" : ": " + call.conditions);
}

namespace {

class GraphText {
public:
  GraphText(const ChainGraph &graph, llvm::raw_ostream &out) : graph(graph), out(out), opened(graph.chains.size()) {}

  void print() {
    std::vector<bool> called(graph.chains.size());
    for (const GraphCall &call : graph.calls)
      called[call.to] = true;
    for (uint32_t chain = 0; chain != graph.chains.size(); ++chain)
      if (!graph.chains[chain].policy.empty() || !called[chain])
        printTop(chain);
  }

private:
  struct Visit {
    const GraphCall *call;
    size_t depth;
  };

  /// A built-in chain, or one that no other calls.
  void printTop(uint32_t chain) {
    const GraphChain &of = graph.chains[chain];
    out << printable(graph.table + " " + of.name) << ": " << describe(of) << (of.reached ? "" : ", reached by none")
        << "\n";
    std::vector<Visit> open;
    push(chain, 1, open);
    while (!open.empty()) {
      Visit visit = open.back();
      open.pop_back();
      printCall(visit, open);
    }
  }

  void push(uint32_t chain, size_t depth, std::vector<Visit> &open) {
    opened[chain] = true;
    auto first = llvm::partition_point(graph.calls, [&](const GraphCall &call) { return call.from < chain; });
    size_t before = open.size();
    for (; first != graph.calls.end() && first->from == chain; ++first)
      open.push_back({&*first, depth});
    std::reverse(open.begin() + before, open.end());
  }

  void printCall(const Visit &visit, std::vector<Visit> &open) {
    const GraphChain &to = graph.chains[visit.call->to];
    bool again = opened[visit.call->to] && hasCalls(visit.call->to);
    out << std::string(2 * visit.depth, ' ') << printable(to.name) << " (" << describe(to) << "; "
        << printable(describe(*visit.call)) << ")" << (again ? " see above" : "") << "\n";
    if (!again && visit.depth < kDeepest)
      push(visit.call->to, visit.depth + 1, open);
  }

  bool hasCalls(uint32_t chain) const {
    auto first = llvm::partition_point(graph.calls, [&](const GraphCall &call) { return call.from < chain; });
    return first != graph.calls.end() && first->from == chain;
  }

  const ChainGraph &graph;
  llvm::raw_ostream &out;
  std::vector<bool> opened;
};

} // namespace

void printGraphs(const std::vector<ChainGraph> &graphs, llvm::raw_ostream &out) {
  for (const ChainGraph &graph : graphs)
    GraphText(graph, out).print();
}

} // namespace iptlint::report
