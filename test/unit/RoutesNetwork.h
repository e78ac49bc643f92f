// Route tables from literals, for tests.
#pragma once

#include "emit/Emit.h"
#include "parse/Parse.h"
#include <fmt/format.h>

namespace iptlint::test {

/// Every finding as `line:column: severity: message`, one per line.
inline std::string findingsOf(const parse::ParsedRoutes &parsed) {
  std::string text;
  for (const support::Diagnostic &finding : parsed.findings) {
    support::LineColumn at = parsed.routes.source->lineColumn(finding.at.begin);
    text += fmt::format("{}:{}: {}: {} [{}]\n", at.line, at.column, support::name(finding.severity).str(),
                        finding.message, finding.check);
  }
  return text;
}

inline parse::ParsedRoutes readRoutes(llvm::StringRef text) {
  return parse::parseRoutes(support::Source::fromText(text));
}

/// One value for each hop: `gateway dev weight`, `-` where there is none; hops parted by a comma.
inline std::string hopsOf(const ir::Route &route) {
  std::string text;
  for (const ir::NextHop &hop : route.hops) {
    packet::Family family = hop.gatewayFamily.value_or(route.family);
    text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ",
                        hop.gateway ? packet::addressText(*hop.gateway, family) : std::string("-"),
                        hop.device.empty() ? "-" : hop.device.str(), hop.weight);
  }
  return text;
}

inline std::string destinationOf(const ir::Route &route) {
  return fmt::format("{}/{}", packet::addressText(route.destination.address, route.family), route.destination.length);
}

} // namespace iptlint::test
