// When two regions need but one node.
#pragma once

#include "tree/Residual.h"

namespace iptlint::tree {

/// A text that two lists share only if they are the same program: verdicts, rules, and what is tried of them.
std::string keyOf(const List &list);

/// The list's own key together with the values that the region has in each field that the list still asks about. Where
/// two regions share it, whatever is made of one of them is right for the other: tests that are known to hold hold in
/// both.
std::string keyOf(const List &list, const Region &region, const ir::Table &table);

} // namespace iptlint::tree
