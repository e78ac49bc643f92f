// Packets as they enter the machine: a box, less what other boxes hold.
//
// What earlier rules take is not cut out of a box, which could leave very many, but noted as an exception. Whether
// anything is left is asked where it matters.
#pragma once

#include "packet/Packet.h"
#include "query/Ranges.h"

namespace iptlint::query {

using packet::Field;
using packet::Value;

/// A set of values for some fields; all others have any.
class Box {
public:
  struct Side {
    Field field;
    Ranges values;
  };

  /// Null: any value.
  const Ranges *find(Field field) const;
  /// \returns whether anything is left.
  bool restrict(Field field, llvm::ArrayRef<ir::Interval> values);
  /// \returns whether anything is left.
  bool restrict(const Box &other);
  llvm::ArrayRef<Side> all() const { return sides; }

private:
  llvm::SmallVector<Side, 4> sides; ///< ascending by field
};

bool meet(const Box &left, const Box &right);
bool isWithin(const Box &inner, const Box &outer);

/// What a rule took before.
struct Exception {
  Box box;
  uint32_t table = 0, chain = 0, rule = 0;
};

struct Region {
  packet::Family family = packet::Family::IPv4;
  Box box;
  std::vector<const Exception *> without; ///< each meets the box

  Ranges valuesOf(Field field) const;
  /// \returns whether anything may be left: false only where nothing is.
  bool restrict(const Box &other);
  /// Takes a box away. \param exception  lasts; noted where cutting it out would leave several boxes.
  /// \returns whether anything may be left.
  bool subtract(const Exception &exception);
};

enum class Found : uint8_t { Packet, Nothing, Undecided };

/// Looks for a packet of a region; it is written into \p into, where \p into has a value that fits it stays.
/// \param effort  boxes that may be compared.
Found findPacket(const Region &region, packet::Packet &into, uint64_t effort);

} // namespace iptlint::query
