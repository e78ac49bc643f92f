#include "report/Wording.h"
#include "llvm/Support/ConvertUTF.h"
#include <fmt/format.h>

namespace iptlint::report {

std::string counted(uint64_t count, llvm::StringRef what) {
  return fmt::format("{} {}{}", count, what.str(), count == 1 ? "" : "s");
}

unsigned characterLength(llvm::StringRef text) {
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  unsigned length = llvm::getNumBytesForUTF8(*begin);
  return length <= text.size() && llvm::isLegalUTF8Sequence(begin, begin + length) ? length : 0;
}

} // namespace iptlint::report
