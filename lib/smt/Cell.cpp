#include "smt/Cell.h"
#include <cassert>

namespace iptlint::smt {

static Value allOnes(Field field, packet::Family family) {
  return ~Value(0) >> (128 - packet::bits(field, family));
}

Interval Cell::of(Field field) const {
  for (const Side &side : cut)
    if (side.first == field)
      return side.second;
  return {0, allOnes(field, family)};
}

Cell Cell::with(Field field, Interval values) const {
  Cell cell = *this;
  for (Side &side : cell.cut)
    if (side.first == field) {
      side.second = values;
      return cell;
    }
  cell.cut.push_back({field, values});
  return cell;
}

std::pair<Cell, Cell> Cell::halves(Field field, Value from) const {
  Interval values = of(field);
  assert(values.lo < from && from <= values.hi && "both halves have packets");
  return {with(field, {values.lo, from - 1}), with(field, {from, values.hi})};
}

/// The number of values is one more than fits where a field has 128 bits and is whole: that one is counted apart.
Volume Cell::volume() const {
  Volume volume(1);
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    Interval values = of(Field(i));
    Volume withOne = volume;
    volume *= values.hi - values.lo;
    volume += withOne;
  }
  return volume;
}

} // namespace iptlint::smt
