#include "smt/Partition.h"
#include "smt/CellCut.h"
#include <list>

namespace iptlint::smt {

/// A condition with state costs the solver as much as so many rules: it may have to tell histories apart.
constexpr size_t kRulesPerState = 4;

Part wholeOf(const Pair &pair, const Sides &sides) {
  return {Cell(pair.family), Slice(pair.before, pair.beforeChain, sides.isWritten, pair.family),
          Slice(pair.after, pair.afterChain, sides.isWritten, pair.family)};
}

Part within(const Part &whole, const Cell &cell) {
  return {cell, whole.before.within(cell), whole.after.within(cell)};
}

std::vector<Part> halvesOf(const Part &part, size_t rulesPerQuestion) {
  if (part.size() + kRulesPerState * part.stateful() <= rulesPerQuestion)
    return {};
  std::optional<CellCut> cut = bestCut(part.before, part.after, part.cell);
  if (!cut)
    return {};
  auto [below, above] = part.cell.halves(cut->field, cut->from);
  std::vector<Part> halves;
  halves.push_back(within(part, below));
  halves.push_back(within(part, above));
  return halves;
}

namespace {
struct Piece {
  Part part;
  bool whole = false; ///< is not cut any further
};
} // namespace

/// The largest piece that may be cut.
static std::list<Piece>::iterator largest(std::list<Piece> &pieces) {
  auto found = pieces.end();
  for (auto piece = pieces.begin(); piece != pieces.end(); ++piece)
    if (!piece->whole && (found == pieces.end() || piece->part.size() > found->part.size()))
      found = piece;
  return found;
}

std::vector<Part> split(Part whole, size_t most, size_t rulesPerQuestion) {
  std::list<Piece> pieces;
  pieces.push_back({std::move(whole)});
  while (pieces.size() < most) {
    auto piece = largest(pieces);
    if (piece == pieces.end())
      break;
    std::vector<Part> halves = halvesOf(piece->part, rulesPerQuestion);
    piece->whole = halves.empty();
    for (Part &half : halves)
      pieces.insert(piece, {std::move(half)});
    if (!halves.empty())
      pieces.erase(piece);
  }
  std::vector<Part> parts;
  for (Piece &piece : pieces)
    parts.push_back(std::move(piece.part));
  return parts;
}

} // namespace iptlint::smt
