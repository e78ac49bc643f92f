#include "analysis/Space.h"
#include "analysis/Ordinary.h"
#include "packet/Usual.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

namespace iptlint::analysis {

static unsigned lowestBit(Value mask) {
  uint64_t low = uint64_t(mask);
  return low ? __builtin_ctzll(low) : 64 + __builtin_ctzll(uint64_t(mask >> 64));
}

static bool isContiguous(Value mask) {
  Value shifted = mask >> lowestBit(mask);
  return (shifted & (shifted + 1)) == 0;
}

Value extractBits(Value value, Value mask) {
  if (mask == 0)
    return 0;
  if (isContiguous(mask))
    return (value & mask) >> lowestBit(mask);
  Value result = 0;
  for (unsigned out = 0; mask; ++out, mask &= mask - 1)
    result |= (value >> lowestBit(mask) & 1) << out;
  return result;
}

Value depositBits(Value value, Value mask) {
  if (mask == 0)
    return 0;
  if (isContiguous(mask))
    return value << lowestBit(mask) & mask;
  Value result = 0;
  for (; mask; value >>= 1, mask &= mask - 1)
    result |= (value & 1) << lowestBit(mask);
  return result;
}

DimensionId Space::dimension(Field field, Value mask, unsigned source) {
  auto [entry, isNew] = byBits.try_emplace({field, mask, source}, DimensionId(dimensions.size()));
  if (isNew) {
    dimensions.push_back({.field = field, .mask = mask, .condition = {}, .source = source, .starts = {}, .ends = {}});
    cuts.push_back({0});
  }
  return entry->second;
}

DimensionId Space::condition(llvm::StringRef text, unsigned source) {
  auto [entry, isNew] = byText.try_emplace({text, source}, DimensionId(dimensions.size()));
  if (isNew) {
    dimensions.push_back({.field = {}, .mask = 0, .condition = text, .source = source, .starts = {}, .ends = {}});
    cuts.push_back({0});
  }
  return entry->second;
}

void Space::cut(DimensionId dim, Value lo, Value hi) {
  // Rules come in runs that test the same thing; the cuts they share need not be kept twice.
  auto add = [&](Value at) {
    auto &known = cuts[dim];
    if (known.back() != at && (known.size() < 2 || known[known.size() - 2] != at))
      known.push_back(at);
  };
  add(lo);
  if (hi != ~Value(0))
    add(hi + 1);
}

/// The largest value of a dimension.
static Value lastValue(const Dimension &dim, packet::Family family) {
  if (dim.opaque())
    return 1;
  Value all = ~Value(0) >> (128 - packet::bits(dim.field, family));
  // Only a field in one piece has a largest value of its own.
  return dim.mask == all ? packet::maxValue(dim.field, family) : extractBits(dim.mask, dim.mask);
}

static bool canOccur(const Dimension &dim, packet::Family family, Value lo, Value hi) {
  // A field in pieces is not asked: whether a value can occur would hang on the other pieces.
  bool isWhole = !dim.opaque() && dim.mask == ~Value(0) >> (128 - packet::bits(dim.field, family));
  return !isWhole || ordinaryValue(dim.field, family, lo, hi).has_value();
}

static void makeClasses(Dimension &dim, std::vector<Value> &cuts, packet::Family family) {
  llvm::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  Value last = lastValue(dim, family);
  for (size_t i = 0; i != cuts.size() && cuts[i] <= last; ++i) {
    Value end = i + 1 != cuts.size() ? std::min(cuts[i + 1] - 1, last) : last;
    if (!canOccur(dim, family, cuts[i], end))
      continue;
    dim.starts.push_back(cuts[i]);
    dim.ends.push_back(end);
  }
}

/// The rank of the class that holds the ordinary value, or of the next above it.
static Rank preferredRank(const Dimension &dim, packet::Family family) {
  if (dim.opaque())
    return 0;
  Value favourite = extractBits(*ordinaryValue(dim.field, family, 0, packet::maxValue(dim.field, family)), dim.mask);
  auto found = llvm::lower_bound(dim.ends, favourite);
  return found == dim.ends.end() ? dim.size() - 1 : Rank(found - dim.ends.begin());
}

void Space::close() {
  for (size_t i = 0; i != dimensions.size(); ++i) {
    makeClasses(dimensions[i], cuts[i], family);
    assert(dimensions[i].size() && "every dimension has a class: no field is without possible values");
    preferredRanks.push_back(preferredRank(dimensions[i], family));
  }
  cuts.clear();
  cuts.shrink_to_fit();
}

std::pair<Rank, Rank> Space::ranks(DimensionId id, Value lo, Value hi) const {
  const Dimension &dim = dimensions[id];
  Rank first = Rank(llvm::lower_bound(dim.starts, lo) - dim.starts.begin());
  Rank behind = Rank(llvm::upper_bound(dim.starts, hi) - dim.starts.begin());
  return behind == 0 || first >= behind ? std::pair<Rank, Rank>(1, 0) : std::pair<Rank, Rank>(first, behind - 1);
}

/// The value that a whole packet otherwise like \p packet would have, before dimensions have a say.
static Value startOf(Field field, const packet::Packet &packet) {
  if (field < Field::Tos)
    return *ordinaryValue(field, packet.family, 0, packet::maxValue(field, packet.family));
  return packet::usualValue(field, packet);
}

/// What a field's bits under the dimension's mask become: in its class, and where that may be what they are, that.
static Value chosen(const Dimension &dim, Rank rank, const packet::Packet &packet) {
  Value lo = dim.starts[rank], hi = dim.ends[rank];
  Value favourite = extractBits(packet[dim.field], dim.mask);
  if (lo <= favourite && favourite <= hi)
    return favourite;
  Value all = ~Value(0) >> (128 - packet::bits(dim.field, packet.family));
  return dim.mask == all ? *ordinaryValue(dim.field, packet.family, lo, hi) : lo;
}

packet::Packet Space::packetOf(const Point &point) const {
  packet::Packet packet;
  packet.family = family;
  std::array<llvm::SmallVector<DimensionId, 2>, packet::kFieldCount> ofField;
  for (size_t i = 0; i != dimensions.size(); ++i) {
    const Dimension &dim = dimensions[i];
    if (dim.source != 0)
      continue;
    if (dim.opaque())
      packet.assume[dim.condition.str()] = dim.starts[point[i]] == 1;
    else
      ofField[unsigned(dim.field)].push_back(DimensionId(i));
  }
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    packet.values[i] = startOf(Field(i), packet);
    for (DimensionId id : ofField[i]) {
      const Dimension &dim = dimensions[id];
      packet.values[i] = (packet.values[i] & ~dim.mask) | depositBits(chosen(dim, point[id], packet), dim.mask);
    }
  }
  return packet;
}

} // namespace iptlint::analysis
