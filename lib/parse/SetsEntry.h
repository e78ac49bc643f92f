// A member of a set: `10.0.0.0/24,tcp:80-90`.
#pragma once

#include "parse/SetsTypes.h"
#include <string>

namespace iptlint::parse {

/// What members of a set must look like.
struct SetShape {
  const SetType *type = nullptr;
  packet::Family family = packet::Family::IPv4;
  /// How many leading bits of an Address count (`netmask`).
  unsigned netmask = 32;
  /// Of a bitmap: the addresses or ports it has room for.
  std::optional<ir::SetValue> range;
};

/// A member as it is written. An address block or range of a Net may be several prefixes, hence the list;
/// it is empty where the text is no member, and then there is a fault.
struct SetEntry {
  llvm::SmallVector<std::array<ir::SetValue, 3>, 1> members;
  llvm::StringRef name; ///< of the set, in a list
  bool physdev = false;
  llvm::StringRef faultAt; ///< a slice of the text
  std::string fault;
};

/// \param wildcard  interface names are beginnings of names.
/// Reversed ranges are turned round, host bits cut off, as ipset does it. No names of hosts.
SetEntry parseSetEntry(llvm::StringRef text, const SetShape &shape, bool wildcard);

/// `10.0.0.0/16`, `10.0.0.0-10.0.255.255`, `0-1023`: the room in a bitmap.
std::optional<ir::SetValue> parseSetRange(llvm::StringRef text, const SetType &type);

} // namespace iptlint::parse
