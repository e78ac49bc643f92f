// What somebody has told the checks about a machine and about what is to be reported how: plain data.
//
// The rules alone do not say which interface leads outside or which ports are not for everybody. docs/config.md has the
// words for it; without any, a check that needs to know such a thing finds nothing or falls back on what its page says.
#pragma once

#include "ir/Ruleset.h"
#include "support/Diagnostic.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace iptlint::lint {

struct Port {
  uint8_t protocol = packet::kTcp;
  uint16_t number = 0;
  auto operator<=>(const Port &) const = default;
};

struct Settings {
  /// By the id of a check: what its findings have instead of the severity that is usual for it.
  std::map<std::string, support::Severity> severities;
  /// With a + at the end: all that begin so.
  std::vector<std::string> outsideInterfaces;
  /// Not given: the ports that docs/checks/exposed-port.md lists.
  std::optional<std::vector<Port>> exposedPorts;
  /// The machine's own addresses.
  std::vector<ir::Interval> ownAddresses4, ownAddresses6;
};

} // namespace iptlint::lint
