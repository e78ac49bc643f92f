#include "analysis/DeepStack.h"
#include "llvm/Support/thread.h"
#include <algorithm>

namespace iptlint::analysis {

void onFittingStack(const Program &program, llvm::function_ref<void()> work) {
  // Sanitizers use most of this.
  constexpr uint64_t kShallow = 64, kBytesPerLevel = 16 << 10, kLeast = 64 << 20, kMost = (uint64_t(4) << 30) - 1;
  if (program.depth <= kShallow)
    return work();
  uint64_t bytes = std::min(kMost, kLeast + program.depth * kBytesPerLevel);
  llvm::thread worker(llvm::Optional<unsigned>(unsigned(bytes)), work);
  worker.join();
}

} // namespace iptlint::analysis
