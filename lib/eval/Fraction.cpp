#include "eval/Fraction.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include <cassert>

namespace iptlint::eval {

using llvm::APInt;

/// In as few bits as hold the whole.
Fraction::Fraction(APInt wide, APInt wideWhole) {
  assert(wideWhole != 0 && "a share of nothing");
  APInt divisor = llvm::APIntOps::GreatestCommonDivisor(wide, wideWhole);
  wide = wide.udiv(divisor);
  wideWhole = wideWhole.udiv(divisor);
  unsigned bits = std::max(1u, wideWhole.getActiveBits());
  part = wide.zextOrTrunc(bits);
  whole = wideWhole.zextOrTrunc(bits);
}

Fraction::Fraction(uint64_t part, uint64_t whole) : Fraction(APInt(64, part), APInt(64, whole)) {
  assert(part <= whole && "more than all");
}

Fraction Fraction::operator*(const Fraction &other) const {
  unsigned bits = whole.getBitWidth() + other.whole.getBitWidth();
  auto product = [&](const APInt &left, const APInt &right) { return left.zext(bits) * right.zext(bits); };
  return {product(part, other.part), product(whole, other.whole)};
}

Fraction Fraction::operator+(const Fraction &other) const {
  unsigned bits = whole.getBitWidth() + other.whole.getBitWidth() + 1;
  auto product = [&](const APInt &left, const APInt &right) { return left.zext(bits) * right.zext(bits); };
  return {product(part, other.whole) + product(other.part, whole), product(whole, other.whole)};
}

bool Fraction::operator==(const Fraction &other) const {
  return whole.getBitWidth() == other.whole.getBitWidth() && part == other.part && whole == other.whole;
}

std::string Fraction::text() const {
  llvm::SmallString<64> above, below;
  part.toStringUnsigned(above);
  whole.toStringUnsigned(below);
  return whole == 1 ? above.str().str() : (llvm::Twine(above) + "/" + below).str();
}

double Fraction::value() const {
  // Both are cut to the bits that a double has room for, and as many places more.
  unsigned cut = whole.getBitWidth() > 1000 ? whole.getBitWidth() - 1000 : 0;
  return part.lshr(cut).roundToDouble(false) / whole.lshr(cut).roundToDouble(false);
}

} // namespace iptlint::eval
