#include "smt/Course.h"
#include "smt/RangePairs.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

/// Behind so many changes a rule sees them all, or the work would grow with their square.
constexpr size_t kMostChanges = 1000;

Course::Course(Terms &terms, const Unknowns &unknowns, State entry)
    : terms(terms), unknowns(unknowns), entry(entry), all(std::move(entry)) {}

/// Of a field that no rule writes the packet has the same value for both.
bool Course::cannotBothBeMet(Tests left, Tests right) const {
  return llvm::any_of(left.tests, [&](const ir::Test &test) {
    const ir::RangeTest *one = unknowns.unwrittenRange(test);
    return one && llvm::any_of(right.tests, [&](const ir::Test &second) {
             const ir::RangeTest *other = unknowns.unwrittenRange(second);
             return other && one->field == other->field && excludeEachOther(*one, *other);
           });
  });
}

State Course::of(Tests tests) const {
  if (changes.size() > kMostChanges)
    return all;
  auto matters = [&](const Change &change) { return !cannotBothBeMet(change.tests, tests); };
  if (llvm::all_of(changes, matters))
    return all;
  State state = entry;
  for (const Change &change : changes)
    if (matters(change))
      state = choose(change.met, change.then, state);
  nameFields(state);
  return state;
}

void Course::change(Tests tests, const z3::expr &met, const State &then) {
  if (isSame(then, all) || met.is_false())
    return;
  changes.push_back({tests, met, then});
  all = choose(met, then, all);
  nameFields(all);
}

/// One in the other they would become as deep as the chain is long.
void Course::nameFields(State &state) const {
  for (z3::expr &field : state.fields)
    field = terms.named(field);
}

} // namespace iptlint::smt
