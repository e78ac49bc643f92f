// Boxes that differ in one field alone, put together: 10.0.0.1,tcp:80 and 10.0.0.1,tcp:443 are one.
#include "parse/SetBoxes.h"
#include "parse/Values.h"

namespace iptlint::parse {

using Part = std::variant<ir::RangeTest, ir::MaskTest>;

/// Less than 0, 0, more than 0: an order of tests, whatever it is.
template <typename T> static int order(const T &left, const T &right) { return left < right ? -1 : right < left ? 1 : 0; }

static int compare(const ir::RangeTest &left, const ir::RangeTest &right) {
  if (int fields = order(left.field, right.field))
    return fields;
  if (int sizes = order(left.ranges.size(), right.ranges.size()))
    return sizes;
  for (size_t i = 0; i != left.ranges.size(); ++i) {
    if (int low = order(left.ranges[i].lo, right.ranges[i].lo))
      return low;
    if (int high = order(left.ranges[i].hi, right.ranges[i].hi))
      return high;
  }
  return 0;
}

static int compare(const Part &left, const Part &right) {
  if (int kinds = order(left.index(), right.index()))
    return kinds;
  if (auto *range = std::get_if<ir::RangeTest>(&left))
    return compare(*range, std::get<ir::RangeTest>(right));
  const auto &mask = std::get<ir::MaskTest>(left), &other = std::get<ir::MaskTest>(right);
  if (int masks = order(mask.mask, other.mask))
    return masks;
  return order(mask.value, other.value);
}

/// Compares all parts but the one at \p without.
static int compareOthers(const ir::Alternative &left, const ir::Alternative &right, size_t without) {
  if (int sizes = order(left.size(), right.size()))
    return sizes;
  for (size_t i = 0; i != left.size(); ++i)
    if (int part = i == without ? 0 : compare(left[i], right[i]))
      return part;
  return 0;
}

static bool canJoin(const ir::Alternative &left, const ir::Alternative &right, size_t part) {
  if (part >= left.size() || compareOthers(left, right, part) != 0)
    return false;
  auto *mine = std::get_if<ir::RangeTest>(&left[part]), *other = std::get_if<ir::RangeTest>(&right[part]);
  return mine && other && mine->field == other->field;
}

static void mergeAlong(std::vector<ir::Alternative> &boxes, size_t part) {
  std::stable_sort(boxes.begin(), boxes.end(), [&](const ir::Alternative &left, const ir::Alternative &right) {
    return compareOthers(left, right, part) < 0;
  });
  std::vector<ir::Alternative> merged;
  for (ir::Alternative &box : boxes) {
    if (merged.empty() || !canJoin(merged.back(), box, part)) {
      merged.push_back(std::move(box));
      continue;
    }
    auto &into = std::get<ir::RangeTest>(merged.back()[part]).ranges;
    const auto &more = std::get<ir::RangeTest>(box[part]).ranges;
    into.append(more.begin(), more.end());
  }
  for (ir::Alternative &box : merged)
    if (part < box.size())
      if (auto *range = std::get_if<ir::RangeTest>(&box[part]))
        normalise(range->ranges);
  boxes = std::move(merged);
}

void mergeBoxes(std::vector<ir::Alternative> &boxes) {
  size_t parts = 0;
  for (const ir::Alternative &box : boxes)
    parts = std::max(parts, box.size());
  for (size_t part = parts; part-- != 0;)
    mergeAlong(boxes, part);
}

} // namespace iptlint::parse
