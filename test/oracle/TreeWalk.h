// One packet's way through a decision tree: the account of what a tree means that eval is compared with.
#pragma once

#include "eval/Eval.h"
#include "tree/Tree.h"

namespace iptlint::oracle {

/// Sends \p packet from the root to a leaf, and through the rules that stand there. Fills in the verdict, the effects
/// and the packet as it leaves, and asks \p oracle whatever eval would ask. A packet that no branch takes ends with the
/// verdict "fell through".
eval::Outcome walkTree(const tree::Tree &tree, const ir::Table &table, const packet::Packet &packet,
                       eval::Oracle &oracle);

} // namespace iptlint::oracle
