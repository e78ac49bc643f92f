#include "driver/Assumptions.h"
#include "report/Line.h"

namespace iptlint::driver {

std::optional<std::vector<eval::Assumption>> parseAssumptions(llvm::ArrayRef<std::string> texts,
                                                             llvm::raw_ostream &err) {
  std::vector<eval::Assumption> assumptions;
  for (const std::string &text : texts) {
    auto [condition, answer] = llvm::StringRef(text).rsplit('=');
    if (condition.empty() || (answer != "yes" && answer != "no")) {
      err << "iptlint: --assume takes a condition and its answer, as in --assume '-m limit=yes', not '"
          << report::printable(text) << "'\n";
      return std::nullopt;
    }
    assumptions.push_back({condition.trim().str(), answer == "yes"});
  }
  return assumptions;
}

void printUnused(llvm::ArrayRef<eval::Assumption> assumptions, llvm::raw_ostream &err) {
  for (const eval::Assumption &assumption : assumptions)
    if (!assumption.used)
      err << "iptlint: nothing on the packet's way hangs on '" << report::printable(assumption.condition) << "'\n";
}

} // namespace iptlint::driver
