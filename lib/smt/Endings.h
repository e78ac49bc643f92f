// Which packets surely meet a verdict in a chain, so that no packet comes back from it to a rule that calls it for
// them.
//
// A service's chain ends for every packet of its protocol, and rules behind the service's see nothing of what the chain
// does. Only what can be said without the solver is said: not every chain that ends for some packets is found.
#pragma once

#include "smt/Course.h"
#include "smt/Slice.h"

namespace iptlint::smt {

class Endings {
public:
  Endings(const Slice &slice, const Unknowns &unknowns) : slice(slice), unknowns(unknowns) {}

  /// Whether every packet of the slice that meets \p tests and enters \p chain meets a verdict inside.
  bool endsFor(uint32_t chain, Tests tests);

private:
  /// Tests that are enough to meet a verdict.
  using Needs = llvm::SmallVector<const ir::RangeTest *, 4>;
  std::optional<Needs> needsOf(uint32_t chain, unsigned depth);
  std::optional<Needs> findNeeds(uint32_t chain, unsigned depth);
  std::optional<Needs> needsOf(const ir::Rule &rule, unsigned depth);
  bool add(const ir::Rule &rule, Needs &needs) const;

  const Slice &slice;
  const Unknowns &unknowns;
  std::map<uint32_t, std::optional<Needs>> known;
};

} // namespace iptlint::smt
