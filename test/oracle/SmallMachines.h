// Families of small machines: every rule set that can be made of a few rules in a few places.
#pragma once

#include "Journey.h"

namespace iptlint::oracle {

/// A chain of a table, and the rules that it may hold one of: what stands behind the chain's name; "" for none.
struct Slot {
  llvm::StringRef table, chain;
  std::vector<llvm::StringRef> rules;
};

struct MachineFamily {
  llvm::StringRef name;
  std::vector<Slot> slots; ///< in the order of tables; several of one chain are several rules
  uint64_t count() const;
  /// The rule set of this number, below count().
  std::string text(uint64_t number) const;
};

const std::vector<MachineFamily> &machineFamilies();

/// The packets that the rules of such a text tell apart.
World worldOf(llvm::StringRef text);

} // namespace iptlint::oracle
