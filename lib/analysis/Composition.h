// Several tables written as one, whose walk is a packet's walk through the machine.
//
// For each table and hook there is a copy of the built-in chain and of all chains that it leads to. What
// ends a table and lets the packet go on becomes a goto to the next table's chain, which never returns.
#pragma once

#include "analysis/Machine.h"
#include <optional>

namespace iptlint::analysis {

struct Composition {
  ir::Table table;
  /// By chain and rule of `table`: the rule that it stands for; nothing for those that only lead on.
  std::vector<std::vector<std::optional<TableRule>>> origins;
};

Composition compose(llvm::ArrayRef<const ir::Table *> tables, packet::Family family);

} // namespace iptlint::analysis
