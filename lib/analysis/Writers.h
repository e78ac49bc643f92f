// The rules of a chain that write to the packet, and what they mean for the rules behind them.
//
// A rule that reads a mark sees what earlier rules of its chain have made of it for this packet. So the packets
// of the rule are cut into pieces along the conditions of those that write what it reads, and each piece has
// one state. Writers that have nothing to do with its packets cost nothing.
#pragma once

#include "analysis/Condition.h"
#include <optional>

namespace iptlint::analysis {

/// Packets, all of which are in one state when they come to a rule.
struct StatePiece {
  ValueBox box;
  State state;
};

class Writers {
public:
  /// A writer whose condition is exact: \p boxes are the packets it writes to, as they entered. \p lost is what was
  /// blurred before it, and so is blurred in what it copies.
  void add(std::vector<ValueBox> boxes, const ir::Rule &rule, const Parts &lost);

  /// What the writers so far may have written.
  const Parts &written() const { return parts; }

  /// Cuts \p boxes along the writers that wrote something of \p needs; none if that makes too many pieces.
  std::optional<std::vector<StatePiece>> split(llvm::ArrayRef<ValueBox> boxes, const State &entry, const Parts &needs,
                                               const Space &space) const;

private:
  struct Writer {
    std::vector<ValueBox> boxes;
    const ir::Rule *rule;
    Parts parts, lost;
  };
  std::vector<const Writer *> writersOf(Parts needs) const;

  std::vector<Writer> writers;
  Parts parts;
};

} // namespace iptlint::analysis
