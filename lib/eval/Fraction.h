// Exact shares of packets, which multiply along a packet's way.
#pragma once

#include "llvm/ADT/APInt.h"
#include <string>

namespace iptlint::eval {

/// A number from 0 to 1. Chances of `-m statistic` have 2^31 below the line, so that what a few of them come to
/// needs more than 64 bits; any number of bits is kept.
class Fraction {
public:
  /// 1.
  Fraction() : Fraction(1, 1) {}
  /// \p part of \p whole, which is not 0.
  Fraction(uint64_t part, uint64_t whole);

  Fraction operator*(const Fraction &other) const;
  Fraction operator+(const Fraction &other) const;
  bool operator==(const Fraction &other) const;
  bool isOne() const { return part == whole; }

  /// "1/3", "1".
  std::string text() const;
  double value() const;

private:
  Fraction(llvm::APInt part, llvm::APInt whole);

  llvm::APInt part, whole; ///< of one width, without a common divisor
};

} // namespace iptlint::eval
