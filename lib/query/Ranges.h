// Sets of values of one field, as intervals.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::query {

/// Sorted, disjoint, not adjacent; both ends of each inclusive. Empty: no value.
using Ranges = llvm::SmallVector<ir::Interval, 1>;

Ranges common(llvm::ArrayRef<ir::Interval> left, llvm::ArrayRef<ir::Interval> right);
/// The values up to \p most that are in none of \p ranges.
Ranges outside(llvm::ArrayRef<ir::Interval> ranges, ir::Value most);
bool meet(llvm::ArrayRef<ir::Interval> left, llvm::ArrayRef<ir::Interval> right);
bool isWithin(llvm::ArrayRef<ir::Interval> inner, llvm::ArrayRef<ir::Interval> outer);
bool has(llvm::ArrayRef<ir::Interval> ranges, ir::Value value);
/// Any intervals, put into the form of Ranges.
Ranges joined(std::vector<ir::Interval> intervals);
/// The values up to \p most for which (value & mask) == wanted; nothing if these are more than a few thousand
/// intervals.
std::optional<Ranges> withBits(ir::Value mask, ir::Value wanted, ir::Value most);

} // namespace iptlint::query
