#include "driver/Loadable.h"
#include "analysis/CallGraph.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

/// Chains that no built-in one leads to have no depth, and any may be loaded.
static bool isTooDeep(const analysis::CallGraph &graph) {
  return llvm::any_of(graph.depth, [](unsigned depth) { return depth > analysis::kNftDepthLimit; });
}

std::string whyNotLoaded(const ir::Ruleset &rules, bool nft) {
  for (const ir::Table &table : rules.tables) {
    analysis::CallGraph graph = analysis::buildCallGraph(table);
    if (!graph.cycles.empty())
      return "chains jump in a circle, so that the kernel loads none of it";
    if (nft && isTooDeep(graph))
      return fmt::format("chains of {} are nested deeper than {}, so that the nft back end loads none of it",
                         table.name.str(), analysis::kNftDepthLimit);
  }
  return "";
}

} // namespace iptlint::driver
