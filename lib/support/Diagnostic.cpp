#include "support/Diagnostic.h"
#include "llvm/Support/ErrorHandling.h"
#include <tuple>

namespace iptlint::support {

llvm::StringRef name(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Info:
    return "info";
  }
  llvm_unreachable("a severity has three values");
}

bool operator<(const Diagnostic &left, const Diagnostic &right) {
  auto key = [](const Diagnostic &d) {
    return std::tie(d.at.begin, d.at.end, d.severity, d.check, d.message);
  };
  return key(left) < key(right);
}

} // namespace iptlint::support
