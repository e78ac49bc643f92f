// The proof for one cell: what both sides make of its packets is encoded and compared, and what the answer means.
//
// One solver serves many cells one after the other. What is stated of a cell is forgotten after it.
#pragma once

#include "smt/Asking.h"
#include "smt/Equivalent.h"
#include "smt/Walk.h"

namespace iptlint::smt {

struct Pair {
  packet::Family family;
  packet::Hook hook;
  const ir::Table &before, &after;
  /// nullptr: the text does not name the chain, which then has no rules and whatever policy it had.
  const ir::Chain *beforeChain, *afterChain;
};

/// What is worked out of both sides once, for all cells.
struct Sides {
  explicit Sides(const Pair &pair);

  std::vector<Field> written; ///< that some rule of either side writes
  FieldSet isWritten;
  Instances beforeInstances, afterInstances;
};

class CellProof {
public:
  /// All must outlive this. \param log  see Effort::log; \param name  how the files begin.
  CellProof(const Pair &pair, const Sides &sides, const Deadline &deadline, std::string log, std::string name);

  /// Equal, Different with a packet, or Unknown with the reason; slices are those for \p cell. Nothing is asked where
  /// both sides come to the same formula (Comparison::alikeCells). Throws what the solver throws.
  Comparison prove(const Cell &cell, const Slice &before, const Slice &after);

  unsigned asked() const;
  /// Whether some cell had a packet: of none nothing was shown.
  bool sawPacket() const { return anyPacket; }

private:
  class Question;
  Asking &solverFor(bool bitVectorsOnly);

  const Pair &pair;
  const Sides &sides;
  const Deadline &deadline;
  std::string log, name;
  Terms terms;
  Verdicts verdicts;
  std::optional<Asking> bits, functions; ///< made when they are needed
  bool anyPacket = false;
  unsigned logged = 0;
};

} // namespace iptlint::smt
