#include "Arguments.h"
#include "llvm/ADT/StringRef.h"
#include <cstdlib>
#include <fmt/format.h>

namespace iptlint::oracle {

bool isReduced() {
  const char *reduced = std::getenv("IPTLINT_REDUCED");
  return reduced && llvm::StringRef(reduced) == "1";
}

/// Takes one argument off the words; false if it is none that is known.
static bool take(llvm::ArrayRef<const char *> &words, Seeds &seeds, bool mayShow) {
  llvm::StringRef name = words.front();
  if (name == "--show" && mayShow) {
    seeds.show = true;
    words = words.drop_front();
    return true;
  }
  if ((name != "--seed" && name != "--count") || words.size() < 2)
    return false;
  bool isNumber = !llvm::StringRef(words[1]).getAsInteger(10, name == "--seed" ? seeds.first : seeds.count);
  words = words.drop_front(2);
  return isNumber;
}

std::optional<Seeds> parseSeeds(llvm::ArrayRef<const char *> words, const char *program, uint64_t count,
                                unsigned reducedBy, bool mayShow) {
  Seeds seeds;
  seeds.count = isReduced() ? count / reducedBy : count;
  while (!words.empty())
    if (!take(words, seeds, mayShow)) {
      fmt::print("usage: {} [--seed N] [--count N]{}\n", program, mayShow ? " [--show]" : "");
      return std::nullopt;
    }
  return seeds;
}

} // namespace iptlint::oracle
