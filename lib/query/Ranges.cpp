#include "query/Ranges.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::query {

using ir::Interval;
using ir::Value;

Ranges common(llvm::ArrayRef<Interval> left, llvm::ArrayRef<Interval> right) {
  Ranges both;
  while (!left.empty() && !right.empty()) {
    Value lo = std::max(left.front().lo, right.front().lo), hi = std::min(left.front().hi, right.front().hi);
    if (lo <= hi)
      both.push_back({lo, hi});
    (left.front().hi < right.front().hi ? left : right) =
        left.front().hi < right.front().hi ? left.drop_front() : right.drop_front();
  }
  return both;
}

Ranges outside(llvm::ArrayRef<Interval> ranges, Value most) {
  Ranges rest;
  Value next = 0;
  for (const Interval &range : ranges) {
    if (range.lo > most)
      break;
    if (next < range.lo)
      rest.push_back({next, range.lo - 1});
    if (range.hi >= most)
      return rest;
    next = range.hi + 1;
  }
  rest.push_back({next, most});
  return rest;
}

bool meet(llvm::ArrayRef<Interval> left, llvm::ArrayRef<Interval> right) {
  while (!left.empty() && !right.empty()) {
    if (left.front().hi < right.front().lo)
      left = left.drop_front();
    else if (right.front().hi < left.front().lo)
      right = right.drop_front();
    else
      return true;
  }
  return false;
}

bool isWithin(llvm::ArrayRef<Interval> inner, llvm::ArrayRef<Interval> outer) {
  for (const Interval &part : inner) {
    while (!outer.empty() && outer.front().hi < part.lo)
      outer = outer.drop_front();
    if (outer.empty() || outer.front().lo > part.lo || outer.front().hi < part.hi)
      return false;
  }
  return true;
}

bool has(llvm::ArrayRef<Interval> ranges, Value value) {
  return llvm::any_of(ranges, [&](const Interval &range) { return range.lo <= value && value <= range.hi; });
}

Ranges joined(std::vector<Interval> intervals) {
  llvm::sort(intervals, [](const Interval &a, const Interval &b) { return a.lo < b.lo; });
  Ranges result;
  for (const Interval &each : intervals)
    if (!result.empty() && (each.lo <= result.back().hi || each.lo == result.back().hi + 1))
      result.back().hi = std::max(result.back().hi, each.hi);
    else
      result.push_back(each);
  return result;
}

/// Goes through the values of the bits above the lowest run of free ones, each of which gives an interval.
std::optional<Ranges> withBits(Value mask, Value wanted, Value most) {
  constexpr unsigned kMostFree = 12;
  if (wanted & ~mask)
    return Ranges();
  unsigned low = 0;
  while (low != 128 && !(mask >> low & 1))
    ++low;
  if (low == 128)
    return Ranges{{0, most}};
  llvm::SmallVector<unsigned, 16> free;
  for (unsigned bit = low; bit != 128 && most >> bit; ++bit)
    if (!(mask >> bit & 1))
      free.push_back(bit);
  if (free.size() > kMostFree)
    return std::nullopt;
  std::vector<Interval> intervals;
  for (unsigned choice = 0; choice != 1u << free.size(); ++choice) {
    Value lo = wanted;
    for (unsigned i = 0; i != free.size(); ++i)
      lo |= Value(choice >> i & 1) << free[i];
    if (lo <= most)
      intervals.push_back({lo, std::min(most, lo | ((Value(1) << low) - 1))});
  }
  return joined(std::move(intervals));
}

} // namespace iptlint::query
