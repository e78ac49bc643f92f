// What the programs that try one thing for many seeds are told on the command line.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace iptlint::oracle {

/// Seeds from `first` on.
struct Seeds {
  uint64_t first = 1;
  uint64_t count = 0;
  bool show = false; ///< --show, where a program has something to show
  uint64_t end() const { return first + count; }
};

/// Whether IPTLINT_REDUCED=1 asks for less, as builds with sanitizers do.
bool isReduced();

/// `[--seed N] [--count N]`, and `--show` where \p mayShow. Without a count there are \p count seeds, or a
/// \p reducedBy-th of them. Prints the usage of \p program where there is anything else.
std::optional<Seeds> parseSeeds(llvm::ArrayRef<const char *> words, const char *program, uint64_t count,
                                unsigned reducedBy, bool mayShow = false);

} // namespace iptlint::oracle
