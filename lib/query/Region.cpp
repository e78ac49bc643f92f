#include "query/Region.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::query {

const Ranges *Box::find(Field field) const {
  for (const Side &side : sides)
    if (side.field == field)
      return &side.values;
  return nullptr;
}

bool Box::restrict(Field field, llvm::ArrayRef<ir::Interval> values) {
  auto at = llvm::find_if(sides, [&](const Side &side) { return side.field >= field; });
  if (at == sides.end() || at->field != field)
    return !sides.insert(at, Side{field, Ranges(values.begin(), values.end())})->values.empty();
  at->values = common(at->values, values);
  return !at->values.empty();
}

bool Box::restrict(const Box &other) {
  return llvm::all_of(other.sides, [&](const Side &side) { return restrict(side.field, side.values); });
}

bool meet(const Box &left, const Box &right) {
  auto a = left.all(), b = right.all();
  while (!a.empty() && !b.empty()) {
    if (a.front().field < b.front().field)
      a = a.drop_front();
    else if (b.front().field < a.front().field)
      b = b.drop_front();
    else if (!meet(a.front().values, b.front().values))
      return false;
    else {
      a = a.drop_front();
      b = b.drop_front();
    }
  }
  return true;
}

bool isWithin(const Box &inner, const Box &outer) {
  return llvm::all_of(outer.all(), [&](const Box::Side &side) {
    const Ranges *values = inner.find(side.field);
    return values && isWithin(*values, side.values);
  });
}

Ranges Region::valuesOf(Field field) const {
  const Ranges *values = box.find(field);
  return values ? *values : Ranges{{0, packet::maxValue(field, family)}};
}

bool Region::restrict(const Box &other) {
  if (!box.restrict(other))
    return false;
  llvm::erase_if(without, [&](const Exception *each) { return !meet(each->box, box); });
  return llvm::none_of(without, [&](const Exception *each) { return isWithin(box, each->box); });
}

bool Region::subtract(const Exception &exception) {
  llvm::SmallVector<const Box::Side *, 4> cutting;
  for (const Box::Side &side : exception.box.all())
    if (!isWithin(valuesOf(side.field), side.values))
      cutting.push_back(&side);
  if (cutting.empty())
    return false;
  if (cutting.size() > 1) {
    without.push_back(&exception);
    return true;
  }
  Box rest;
  rest.restrict(cutting.front()->field,
                outside(cutting.front()->values, packet::maxValue(cutting.front()->field, family)));
  return restrict(rest);
}

namespace {

class Finder {
public:
  Finder(const Region &region, packet::Packet &into, uint64_t effort)
      : region(region), into(into), left(int64_t(effort)) {}

  Found run() {
    fit(region.box, into);
    if (hop())
      return Found::Packet;
    return search(region.box, region.without, 0);
  }

private:
  bool isIn(const Box &box, const packet::Packet &packet) const {
    return llvm::all_of(box.all(), [&](const Box::Side &side) { return has(side.values, packet[side.field]); });
  }
  static void fit(const Box &box, packet::Packet &packet) {
    for (const Box::Side &side : box.all())
      if (!has(side.values, packet[side.field]))
        packet[side.field] = side.values.front().lo;
  }
  bool hop();
  bool leave(const Box &exception, size_t turn);
  Found search(Box box, const std::vector<const Exception *> &without, unsigned depth);

  static constexpr unsigned kMostDepth = 200;

  const Region &region;
  packet::Packet &into;
  int64_t left;
};

} // namespace

/// Moves the packet just behind an exception, in one field after the other.
bool Finder::leave(const Box &exception, size_t turn) {
  auto sides = exception.all();
  for (size_t i = 0; i != sides.size(); ++i) {
    const Box::Side &side = sides[(turn + i) % sides.size()];
    Ranges free =
        common(region.valuesOf(side.field), outside(side.values, packet::maxValue(side.field, region.family)));
    if (free.empty())
      continue;
    auto next = llvm::find_if(free, [&](const ir::Interval &each) { return each.hi > into[side.field]; });
    into[side.field] = next == free.end() ? free.front().lo : std::max(next->lo, into[side.field]);
    return true;
  }
  return false;
}

/// A short walk from exception to exception, which finds most packets.
bool Finder::hop() {
  constexpr unsigned kHops = 64;
  for (unsigned turn = 0; turn != kHops && left > 0; ++turn) {
    left -= int64_t(region.without.size());
    auto in = llvm::find_if(region.without, [&](const Exception *each) { return isIn(each->box, into); });
    if (in == region.without.end())
      return true;
    if (!leave((*in)->box, turn))
      return false;
  }
  return false;
}

/// Cuts the first exception out, side after side.
Found Finder::search(Box box, const std::vector<const Exception *> &without, unsigned depth) {
  std::vector<const Exception *> meeting;
  left -= int64_t(without.size()) + 1;
  if (left < 0 || depth > kMostDepth)
    return Found::Undecided;
  for (const Exception *each : without)
    if (isWithin(box, each->box))
      return Found::Nothing;
    else if (meet(box, each->box))
      meeting.push_back(each);
  if (meeting.empty()) {
    fit(box, into);
    return Found::Packet;
  }
  Found result = Found::Nothing;
  for (const Box::Side &side : meeting.front()->box.all()) {
    Box piece = box;
    if (piece.restrict(side.field, outside(side.values, packet::maxValue(side.field, region.family)))) {
      Found found = search(std::move(piece), meeting, depth + 1);
      if (found == Found::Packet)
        return found;
      if (found == Found::Undecided)
        result = found;
    }
    box.restrict(side.field, side.values);
  }
  return result;
}

Found findPacket(const Region &region, packet::Packet &into, uint64_t effort) {
  return Finder(region, into, effort).run();
}

} // namespace iptlint::query
