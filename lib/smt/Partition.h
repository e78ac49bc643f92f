// Cuts all packets that enter a built-in chain into cells, each with what is left of both sides there.
#pragma once

#include "smt/CellProof.h"

namespace iptlint::smt {

/// A cell with the rules of both sides that its packets may meet.
struct Part {
  Cell cell;
  Slice before, after;

  size_t size() const { return before.size() + after.size(); }
  size_t stateful() const { return before.stateful() + after.stateful(); }
};

/// All packets.
Part wholeOf(const Pair &pair, const Sides &sides);

/// The part of \p whole for \p cell.
Part within(const Part &whole, const Cell &cell);

/// Two halves of a part that together are the part; none where it is small, or where no cut makes it so.
/// \param rulesPerQuestion  see Effort.
std::vector<Part> halvesOf(const Part &part, size_t rulesPerQuestion);

/// At most \p most parts that together are \p whole, in order, the largest cut first.
std::vector<Part> split(Part whole, size_t most, size_t rulesPerQuestion);

} // namespace iptlint::smt
