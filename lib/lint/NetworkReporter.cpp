#include "lint/NetworkReporter.h"
#include "lint/Check.h"
#include <fmt/format.h>

namespace iptlint::lint {

using ir::NetworkRoute;

Finding NetworkReporter::add(const NetworkRoute &route, const llvm::Twine &message) {
  auto &into = findings[route.source];
  into.push_back({check.id.str(), check.severity, route.at, {}, message.str(), {}, std::nullopt});
  return Finding(into.back());
}

void NetworkReporter::add(const NetworkRoute &route, const llvm::Twine &message, const NetworkRoute &because,
                          const llvm::Twine &why) {
  Finding finding = add(route, message);
  if (because.source == route.source) {
    finding.note(because.at, why);
    return;
  }
  const support::Source &other = *network.sources[because.source];
  finding.append(fmt::format(": {}:{}, {}", other.path().str(), other.lineColumn(because.at.begin).line, why.str()));
}

} // namespace iptlint::lint
