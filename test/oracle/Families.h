// Families of small worlds: every table that can be made of a few conditions, targets and shapes.
//
// A family is enumerated completely, but for tables that differ from another one only in that the source
// addresses 0.0.0.0 and 0.0.0.1 have changed places, and for those with a user chain that nothing
// names (one family is about these).
#pragma once

#include "Palette.h"
#include "Truth.h"
#include "llvm/ADT/STLExtras.h"
#include <memory>

namespace iptlint::oracle {

struct ChainShape {
  std::optional<packet::Hook> hook; ///< none: a user chain
  ir::Policy policy;
  unsigned rules;
};
/// Chains in the order of their index; jumps lead to later ones only, so that there are no cycles.
using Shape = std::vector<ChainShape>;

struct Family {
  std::string name;
  std::vector<Condition> conditions;
  std::vector<Act> acts;     ///< of rules in built-in chains
  std::vector<Act> userActs; ///< of rules in user chains
  std::vector<Shape> shapes;
  bool unnamedChains = false; ///< whether user chains may stand there that nothing names
  uint64_t promised;          ///< the number of its tables
};

const std::vector<Family> &families();

/// Calls \p visit for each \p stride-th table of the family until it returns false; gives the
/// number of tables that were visited.
uint64_t enumerate(const Family &family, unsigned stride,
                   llvm::function_ref<bool(const ir::Table &, const Universe &)> visit);

} // namespace iptlint::oracle
