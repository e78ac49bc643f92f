// A part of all packets, as they enter a built-in chain: an interval for each field that was cut.
//
// A proof is made cell by cell: the whole is cut in two along a field, each half again, and so on, until few rules are
// left that a packet of the cell may meet. Nobody hands the cells in, and nobody is asked to trust that they cover
// everything: a cell knows how much of the whole it is, and the proof adds up what it was proved of.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::smt {

using ir::Interval;
using packet::Field;
using packet::Value;

/// How many packets there are in cells, as a remainder by a prime: sums are exact there, and a cell that is missing
/// or counted twice would have to be a multiple of the prime to go unnoticed.
class Volume {
public:
  Volume() = default;
  explicit Volume(uint64_t of) : of(of % kPrime) {}
  Volume &operator+=(Volume other) {
    of = (of + other.of) % kPrime;
    return *this;
  }
  Volume &operator*=(Value factor) {
    of = uint64_t(Value(of) * (factor % kPrime) % kPrime);
    return *this;
  }
  bool operator==(const Volume &) const = default;

private:
  static constexpr uint64_t kPrime = (uint64_t(1) << 61) - 1;
  uint64_t of = 0;
};

class Cell {
public:
  using Side = std::pair<Field, Interval>;

  explicit Cell(packet::Family family) : family(family) {}

  /// The values that packets of this cell have in \p field, both ends inclusive.
  Interval of(Field field) const;
  /// The fields that were cut, with their values.
  llvm::ArrayRef<Side> sides() const { return cut; }
  /// The packets of this cell with less than \p from in \p field, and those with \p from or more. \p from is above the
  /// least of the field's values here, and not above the largest.
  std::pair<Cell, Cell> halves(Field field, Value from) const;
  /// This cell with other values in \p field.
  Cell with(Field field, Interval values) const;
  Volume volume() const;

private:
  packet::Family family;
  llvm::SmallVector<Side, 4> cut;
};

} // namespace iptlint::smt
