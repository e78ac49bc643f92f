#include "analysis/Writers.h"

namespace iptlint::analysis {

constexpr size_t kMaxPieces = 512;

void Writers::add(std::vector<ValueBox> boxes, const ir::Rule &rule) {
  writers.push_back({std::move(boxes), &rule, partsWritten(rule)});
  parts |= writers.back().parts;
}

/// Cuts one piece along the boxes of a writer: what is inside one has its state changed once.
static void cut(StatePiece piece, llvm::ArrayRef<ValueBox> boxes, const ir::Rule &writer, const Space &space,
                std::vector<StatePiece> &result) {
  for (size_t i = 0; i != boxes.size(); ++i) {
    ValueBox inside = piece.box;
    if (!intersect(inside, boxes[i]))
      continue;
    result.push_back({inside, afterTarget(piece.state, writer)});
    for (ValueBox &part : outside(piece.box, boxes[i], space))
      cut({std::move(part), piece.state}, boxes.drop_front(i + 1), writer, space, result);
    return;
  }
  result.push_back(std::move(piece));
}

std::optional<std::vector<StatePiece>> Writers::split(llvm::ArrayRef<ValueBox> boxes, const State &entry,
                                                      const Parts &needs, const Space &space) const {
  std::vector<StatePiece> pieces;
  for (const ValueBox &box : boxes)
    pieces.push_back({box, entry});
  if (!parts.meets(needs))
    return pieces;
  for (const Writer &writer : writers) {
    if (!writer.parts.meets(needs))
      continue;
    std::vector<StatePiece> next;
    for (StatePiece &piece : pieces)
      cut(std::move(piece), writer.boxes, *writer.rule, space, next);
    pieces = std::move(next);
    if (pieces.size() > kMaxPieces)
      return std::nullopt;
  }
  return pieces;
}

} // namespace iptlint::analysis
