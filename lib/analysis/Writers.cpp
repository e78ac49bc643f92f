#include "analysis/Writers.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

constexpr size_t kMaxPieces = 512;

void Writers::add(std::vector<ValueBox> boxes, const ir::Rule &rule, const Parts &lost) {
  writers.push_back({std::move(boxes), &rule, partsWritten(rule), lost});
  parts |= writers.back().parts;
}

/// Cuts one piece along the boxes of a writer: what is inside one has its state changed once.
static void cut(StatePiece piece, llvm::ArrayRef<ValueBox> boxes, llvm::function_ref<State(const State &)> write,
                const Space &space, std::vector<StatePiece> &result) {
  for (size_t i = 0; i != boxes.size(); ++i) {
    ValueBox inside = piece.box;
    if (!intersect(inside, boxes[i]))
      continue;
    result.push_back({inside, write(piece.state)});
    for (ValueBox &part : outside(piece.box, boxes[i], space))
      cut({std::move(part), piece.state}, boxes.drop_front(i + 1), write, space, result);
    return;
  }
  result.push_back(std::move(piece));
}

/// Those that wrote something of \p needs, or what was copied to it later.
std::vector<const Writers::Writer *> Writers::writersOf(Parts needs) const {
  std::vector<const Writer *> found;
  for (const Writer &writer : llvm::reverse(writers))
    if (writer.parts.meets(needs)) {
      found.push_back(&writer);
      needs |= partsReadByTarget(*writer.rule);
    }
  std::reverse(found.begin(), found.end());
  return found;
}

std::optional<std::vector<StatePiece>> Writers::split(llvm::ArrayRef<ValueBox> boxes, const State &entry,
                                                      const Parts &needs, const Space &space) const {
  std::vector<StatePiece> pieces;
  for (const ValueBox &box : boxes)
    pieces.push_back({box, entry});
  if (!parts.meets(needs))
    return pieces;
  for (const Writer *writer : writersOf(needs)) {
    auto write = [&](const State &state) {
      return afterTarget(writer->lost.any() ? blurred(state, writer->lost) : state, *writer->rule);
    };
    std::vector<StatePiece> next;
    for (StatePiece &piece : pieces)
      cut(std::move(piece), writer->boxes, write, space, next);
    pieces = std::move(next);
    if (pieces.size() > kMaxPieces)
      return std::nullopt;
  }
  return pieces;
}

} // namespace iptlint::analysis
