// The DOT form. A line is as thick as it has traffic, where counters tell; what nothing reaches is grey, a chain that
// does not exist red, and gotos are dashed.
#include "report/Dot.h"
#include "report/Graph.h"
#include "report/Wording.h"
#include <cmath>
#include <fmt/format.h>

namespace iptlint::report {

static std::string nodeName(size_t graph, uint32_t chain) {
  return fmt::format("g{}c{}", graph, chain);
}

static void printChain(const GraphChain &chain, const std::string &node, llvm::raw_ostream &out) {
  std::string below = chain.missing ? "does not exist" : counted(chain.rules, "rule");
  if (!chain.policy.empty() && chain.policy != "policy")
    below += ", else " + chain.policy;
  // The line end is DOT's own, so it stands outside of what is escaped.
  std::string name = dotQuoted(chain.name);
  out << "    " << node << " [label=" << name.substr(0, name.size() - 1) << "\\n" << below << "\"";
  if (!chain.policy.empty())
    out << ", shape=box, style=bold";
  if (chain.missing)
    out << ", color=red, fontcolor=red";
  else if (!chain.reached)
    out << ", color=grey, fontcolor=grey";
  out << "];\n";
}

/// From 1 to 6, by the orders of magnitude.
static double widthOf(uint64_t packets) {
  return std::min(6.0, 1 + std::log10(1 + double(packets)) / 2);
}

static std::string labelOf(const GraphCall &call) {
  size_t rules = call.jumps + call.gotos;
  std::string text = call.packets ? counted(*call.packets, "packet") : "";
  if (rules > 1)
    text = counted(rules, "rule") + (text.empty() ? "" : ", " + text);
  return text;
}

static void printCall(const GraphCall &call, size_t graph, llvm::raw_ostream &out) {
  out << "    " << nodeName(graph, call.from) << " -> " << nodeName(graph, call.to)
      << " [label=" << dotQuoted(labelOf(call));
  if (call.packets)
    out << fmt::format(", penwidth={:.1f}", widthOf(*call.packets));
  if (!call.conditions.empty())
    out << ", tooltip=" << dotQuoted(call.conditions);
  if (call.jumps == 0)
    out << ", style=dashed";
  out << "];\n";
}

void printGraphsDot(const std::vector<ChainGraph> &graphs, llvm::raw_ostream &out) {
  out << "digraph iptlint {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n";
  for (size_t number = 0; number != graphs.size(); ++number) {
    const ChainGraph &graph = graphs[number];
    out << "  subgraph cluster" << number << " {\n    label=" << dotQuoted(graph.table) << ";\n";
    for (uint32_t chain = 0; chain != graph.chains.size(); ++chain)
      printChain(graph.chains[chain], nodeName(number, chain), out);
    for (const GraphCall &call : graph.calls)
      printCall(call, number, out);
    out << "  }\n";
  }
  out << "}\n";
}

} // namespace iptlint::report
