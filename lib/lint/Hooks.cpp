#include "lint/Hooks.h"
#include "analysis/LoadedHooks.h"

namespace iptlint::lint {

std::vector<uint8_t> hooksByChain(const TableFacts &table) {
  return analysis::findLoadedHooks(*table.table, table.graph, /*stops=*/false).hooks;
}

} // namespace iptlint::lint
