#include "parse/Findings.h"

namespace iptlint::parse {

support::Diagnostic &Findings::add(support::Severity severity, llvm::StringRef at, std::string message,
                                   llvm::StringRef check) {
  support::Diagnostic finding;
  finding.check = check.str();
  finding.severity = severity;
  finding.at = source.rangeOf(at);
  finding.message = std::move(message);
  if (found.size() < kMost)
    return found.emplace_back(std::move(finding));
  if (found.size() == kMost) {
    finding.message = "more errors follow, which are not shown";
    found.push_back(std::move(finding));
  }
  return dropped = {};
}

} // namespace iptlint::parse
