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

void Findings::placeFrom(size_t first, const support::Place &place) {
  for (size_t i = first; i < found.size(); ++i)
    found[i].place = place;
}

} // namespace iptlint::parse
