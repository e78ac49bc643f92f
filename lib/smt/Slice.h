// The rules of a table that packets of a cell may meet, as they are written.
//
// Rules are left out whole or not at all. Left out is what a look at intervals shows: a rule with a test of a field
// that no rule writes, which no value in the cell meets; what stands behind a rule of its chain that takes every packet
// of the cell; and chains that nothing leads to any more. A test that keeps state acts when it is evaluated, so nothing
// is left out for a test behind one. Whoever proves from a slice proves it for the packets of its cell and for no
// others.
//
// The analysis and the trees judge rules by code of their own; this is the proof's.
#pragma once

#include "smt/Cell.h"
#include "llvm/ADT/DenseMap.h"
#include <bitset>

namespace iptlint::smt {

using FieldSet = std::bitset<packet::kFieldCount>;

/// Whether the target is a chain of the table.
inline bool leadsToChain(const ir::Target &target) {
  return target.chain != ir::kNoChain && (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto);
}

class Slice {
public:
  /// All rules that the built-in chain leads to; nullptr: none, for a chain that the text does not name.
  /// \param written  the fields that some rule of either side writes: no test of these is judged.
  Slice(const ir::Table &table, const ir::Chain *chain, const FieldSet &written, packet::Family family);

  /// What is left of this slice for \p cell, which lies in the cell of this one.
  Slice within(const Cell &cell) const;

  /// The rules of a chain that is in the slice, in order; none of others.
  llvm::ArrayRef<const ir::Rule *> rulesOf(uint32_t chain) const;
  /// How many rules there are.
  size_t size() const { return rules; }
  /// How many of them have a condition with state.
  size_t stateful() const { return withState; }
  /// The fields whose tests are not judged.
  const FieldSet &writtenFields() const { return written; }
  const ir::Table &table() const { return *of; }
  /// The built-in chain; nullptr where the text does not name it.
  const ir::Chain *hook() const { return root; }
  /// Its index in the table; it must be there.
  uint32_t numberOfHook() const { return uint32_t(root - of->chains.data()); }
  /// Whether packets of the cell meet a test, where a look at intervals shows it: all do, or none.
  std::optional<bool> known(const ir::Test &test) const;
  /// A test that the packets of the cell meet just as they meet \p test, with fewer values where there are many.
  ir::RangeTest trimmed(const ir::RangeTest &test) const;
  ir::UnionTest trimmed(const ir::UnionTest &test) const;
  /// Calls visit(rule) for every rule.
  template <typename Visit> void forEachRule(Visit visit) const {
    for (const auto &list : lists)
      for (const ir::Rule *rule : list)
        visit(*rule);
  }

private:
  Slice(const ir::Table &table, const ir::Chain *chain, const FieldSet &written, Cell cell)
      : of(&table), root(chain), written(written), cell(std::move(cell)) {}
  template <typename RulesOf> void gather(RulesOf rulesOfChain);
  uint32_t add(uint32_t chain);

  const ir::Table *of;
  const ir::Chain *root;
  FieldSet written;
  Cell cell;
  size_t rules = 0, withState = 0;
  std::vector<uint32_t> chains; ///< by number in `lists`: a chain of the table
  std::vector<std::vector<const ir::Rule *>> lists;
  llvm::DenseMap<uint32_t, uint32_t> numbers; ///< by chain of the table
};

} // namespace iptlint::smt
