#include "analysis/Group.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

void addPiece(Condition &part, const Condition &whole, const StatePiece &piece, const Condition &inState) {
  part.maybe |= whole.maybe || inState.maybe;
  part.approximate |= whole.approximate || inState.approximate;
  for (const ValueBox &box : inState.boxes) {
    ValueBox both = piece.box;
    if (intersect(both, box))
      part.boxes.push_back(std::move(both));
  }
}

Condition joined(std::vector<Group> groups) {
  Condition all = std::move(groups.front().condition);
  for (Group &group : llvm::drop_begin(groups)) {
    all.maybe |= group.condition.maybe;
    all.approximate |= group.condition.approximate;
    llvm::move(group.condition.boxes, std::back_inserter(all.boxes));
  }
  return all;
}

bool isExact(llvm::ArrayRef<Group> groups) {
  constexpr size_t kMaxWriterBoxes = 64;
  size_t boxes = 0;
  for (const Group &group : groups) {
    if (group.condition.maybe || group.condition.approximate)
      return false;
    boxes += group.condition.boxes.size();
  }
  return boxes <= kMaxWriterBoxes;
}

std::vector<ir::Test> testsWhere(const ir::Rule &rule, bool written) {
  std::vector<ir::Test> tests = rule.tests;
  ir::RangeTest condition = *rule.target.writesIf;
  condition.negated ^= !written;
  tests.push_back(std::move(condition));
  return tests;
}

} // namespace iptlint::analysis
