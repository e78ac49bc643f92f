#include "analysis/ValueBox.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <map>

namespace iptlint::analysis {

/// Narrows \p box by \p bound; false if nothing is left.
static bool narrow(ValueBox &box, const ValueBounds &bound) {
  auto at = llvm::lower_bound(box, bound, [](const auto &a, const auto &b) { return a.dim < b.dim; });
  if (at == box.end() || at->dim != bound.dim) {
    box.insert(at, bound);
    return true;
  }
  at->lo = std::max(at->lo, bound.lo);
  at->hi = std::min(at->hi, bound.hi);
  return at->lo <= at->hi;
}

bool intersect(ValueBox &box, const ValueBox &other) {
  return llvm::all_of(other, [&](const ValueBounds &bound) { return narrow(box, bound); });
}

ValueBoxes::Range ValueBoxes::keep(llvm::ArrayRef<ValueBox> boxes) {
  uint32_t first = uint32_t(starts.size() - 1);
  for (const ValueBox &box : boxes) {
    bounds.insert(bounds.end(), box.begin(), box.end());
    starts.push_back(uint32_t(bounds.size()));
  }
  return {first, uint32_t(starts.size() - 1)};
}

static Value lastValue(const Space &space, DimensionId dim) {
  return space[dim].opaque() ? 1 : extractBits(space[dim].mask, space[dim].mask);
}

std::vector<ValueBox> outside(ValueBox box, const ValueBox &other, const Space &space) {
  std::vector<ValueBox> parts;
  for (const ValueBounds &bound : other) {
    auto addPart = [&](Value lo, Value hi) {
      ValueBox part = box;
      if (narrow(part, {bound.dim, lo, hi}))
        parts.push_back(std::move(part));
    };
    if (bound.lo > 0)
      addPart(0, bound.lo - 1);
    if (Value last = lastValue(space, bound.dim); bound.hi < last)
      addPart(bound.hi + 1, last);
    if (!narrow(box, bound))
      break; // they don't overlap: all of the box has been added
  }
  return parts;
}

// --- Complement

namespace {

/// Takes one dimension after the other: between two cuts of its bounds the same boxes count, and what they leave of the
/// other dimensions is the same problem with one dimension less.
class Complement {
public:
  Complement(const Space &space, size_t most) : space(space), most(most), work(int64_t(most) * 64) {}

  std::vector<ValueBox> left;

  /// Adds what \p boxes leave of \p within; false if that is too much.
  bool add(llvm::ArrayRef<const ValueBox *> boxes, llvm::ArrayRef<DimensionId> dims, const ValueBox &within);
  /// The dimensions that \p boxes constrain, those with the most different bounds first.
  static llvm::SmallVector<DimensionId, 6> dimensionsOf(llvm::ArrayRef<ValueBox> boxes);

private:
  bool addSlices(llvm::ArrayRef<const ValueBox *> boxes, llvm::ArrayRef<DimensionId> dims, const ValueBox &within);

  const Space &space;
  size_t most;
  int64_t work;
};

} // namespace

static const ValueBounds *boundsOn(const ValueBox &box, DimensionId dim) {
  auto found = llvm::find_if(box, [&](const ValueBounds &bound) { return bound.dim == dim; });
  return found == box.end() ? nullptr : found;
}

llvm::SmallVector<DimensionId, 6> Complement::dimensionsOf(llvm::ArrayRef<ValueBox> boxes) {
  std::map<DimensionId, std::vector<Value>> starts;
  for (const ValueBox &box : boxes)
    for (const ValueBounds &bound : box)
      starts[bound.dim].push_back(bound.lo);
  std::vector<std::pair<size_t, DimensionId>> byCount;
  for (auto &[dim, values] : starts) {
    llvm::sort(values);
    byCount.push_back({size_t(std::unique(values.begin(), values.end()) - values.begin()), dim});
  }
  llvm::stable_sort(byCount, [](const auto &a, const auto &b) { return a.first > b.first; });
  llvm::SmallVector<DimensionId, 6> dims;
  for (const auto &[count, dim] : byCount)
    dims.push_back(dim);
  return dims;
}

bool Complement::add(llvm::ArrayRef<const ValueBox *> boxes, llvm::ArrayRef<DimensionId> dims, const ValueBox &within) {
  work -= int64_t(boxes.size()) + 1;
  if (work < 0)
    return false;
  if (boxes.empty()) {
    left.push_back(within);
    return left.size() <= most;
  }
  auto holdsAll = [&](const ValueBox *box) {
    return llvm::none_of(dims, [&](DimensionId dim) { return boundsOn(*box, dim) != nullptr; });
  };
  return llvm::any_of(boxes, holdsAll) || addSlices(boxes, dims, within);
}

bool Complement::addSlices(llvm::ArrayRef<const ValueBox *> boxes, llvm::ArrayRef<DimensionId> dims,
                           const ValueBox &within) {
  DimensionId dim = dims.front();
  Value last = lastValue(space, dim);
  auto startOf = [&](const ValueBox *box) {
    const ValueBounds *bounds = boundsOn(*box, dim);
    return bounds ? bounds->lo : 0;
  };
  auto endOf = [&](const ValueBox *box) {
    const ValueBounds *bounds = boundsOn(*box, dim);
    return bounds ? std::min(bounds->hi, last) : last;
  };
  std::vector<const ValueBox *> byStart(boxes.begin(), boxes.end()), here;
  llvm::stable_sort(byStart, [&](const ValueBox *a, const ValueBox *b) { return startOf(a) < startOf(b); });
  auto next = byStart.begin();
  for (Value from = 0;;) {
    llvm::erase_if(here, [&](const ValueBox *box) { return endOf(box) < from; });
    for (; next != byStart.end() && startOf(*next) <= from; ++next)
      here.push_back(*next);
    Value to = next == byStart.end() ? last : std::min(last, startOf(*next) - 1);
    for (const ValueBox *box : here)
      to = std::min(to, endOf(box));
    ValueBox slice = within;
    if (narrow(slice, {dim, from, to}) && !add(here, dims.drop_front(), slice))
      return false;
    if (to == last)
      return true;
    from = to + 1;
  }
}

std::optional<std::vector<ValueBox>> complement(llvm::ArrayRef<ValueBox> boxes, const Space &space, size_t most) {
  std::vector<const ValueBox *> all;
  for (const ValueBox &box : boxes)
    all.push_back(&box);
  Complement complement(space, most);
  if (!complement.add(all, Complement::dimensionsOf(boxes), {}))
    return std::nullopt;
  return std::move(complement.left);
}

} // namespace iptlint::analysis
