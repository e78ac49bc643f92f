// Chains and who calls whom, as text, DOT and JSON.
#pragma once

#include "packet/Field.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace iptlint::report {

struct GraphChain {
  std::string name;
  size_t rules = 0;
  unsigned line = 0;               ///< where it is declared, or first named
  std::string policy;              ///< "ACCEPT", "DROP", "policy" where it is not stated; empty for user chains
  bool missing = false;            ///< rules lead to it, and there is none
  bool reached = true;             ///< some built-in chain leads to it
  std::optional<uint64_t> packets; ///< that entered it, as far as the counters of the rules that lead to it say
};

/// All rules of one chain that lead to another one.
struct GraphCall {
  uint32_t from = 0, to = 0; ///< into ChainGraph::chains
  size_t jumps = 0, gotos = 0;
  std::optional<uint64_t> packets; ///< that took it; none where a rule has no counters
  std::string conditions; ///< of a single rule, as it is written; empty where it has none, or there are several
};

/// One table.
struct ChainGraph {
  std::string path, table;
  packet::Family family = packet::Family::IPv4;
  std::vector<GraphChain> chains; ///< in the order of the file
  std::vector<GraphCall> calls;   ///< by caller, in the order of their first rules
};

void printGraphs(const std::vector<ChainGraph> &graphs, llvm::raw_ostream &out);
/// For Graphviz: one graph with a box around each table.
void printGraphsDot(const std::vector<ChainGraph> &graphs, llvm::raw_ostream &out);
void printGraphsJson(const std::vector<ChainGraph> &graphs, llvm::raw_ostream &out);

} // namespace iptlint::report
