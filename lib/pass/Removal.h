// Taking rules out of a table, as several passes do it.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::pass {

/// By chain and rule: goes or stays.
using Going = std::vector<std::vector<bool>>;

/// For every rule of \p table: stays.
Going noneGoing(const ir::Table &table);

/// Lets the first going rule that makes the kernel track connections stay, where no other one that stays does: without
/// any, fragments would come to the rules one by one. \returns that rule, where there is one.
std::optional<ir::RuleId> keepTracking(const ir::Table &table, Going &going);

/// The table without the rules that go.
ir::Table without(ir::Table table, const Going &going);

/// The table without the chains for which \p goes holds, by number; nothing that stays leads there.
ir::Table withoutChains(ir::Table table, const std::vector<bool> &goes);

/// Where a chain and its rules stand in the text.
std::vector<ir::SourceRange> placesOf(const ir::Chain &chain);

/// Whether the table has a rule that could not be read, which may lead to any chain.
bool hasBrokenRule(const ir::Table &table);

/// Whether nothing is to be done to a table: a later one replaces it, or it is a fragment.
inline bool isLeftAlone(const ir::Table &table) {
  return table.replaced || table.fragment;
}

/// Whether the target is a chain of the table.
inline bool leadsToChain(const ir::Target &target) {
  return target.chain != ir::kNoChain && (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto);
}

} // namespace iptlint::pass
