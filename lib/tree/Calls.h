// Which chains a built-in chain leads to, and whether a tree can be made of them.
#pragma once

#include "ir/Ruleset.h"
#include <string>
#include <vector>

namespace iptlint::tree {

struct Calls {
  std::vector<uint32_t> calleesFirst; ///< the chain itself, last, and all it leads to
  size_t rules = 0;                   ///< that stand in them
  /// Why no tree can be made: what jumps in a circle, to nowhere, or could not be read. Empty: one can.
  std::string whyNot;
};

/// Iterative: chains may be nested ten thousand deep.
Calls callsFrom(const ir::Table &table, uint32_t chain);

inline bool isLeading(const ir::Target &target) {
  return target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto;
}

inline bool endsTable(ir::TargetKind kind) {
  return kind == ir::TargetKind::Accept || kind == ir::TargetKind::Drop || kind == ir::TargetKind::Verdict;
}

} // namespace iptlint::tree
