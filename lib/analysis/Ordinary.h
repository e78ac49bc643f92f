// Ordinary values: which value of an interval to show a person, or to send.
#pragma once

#include "packet/Field.h"
#include <optional>

namespace iptlint::analysis {

/// The most ordinary value of a field in [lo, hi]: a documentation address, a common port, `eth0`...
/// None if no value there can occur on a machine (interface names and IPv6 protocols have such gaps).
std::optional<packet::Value> ordinaryValue(packet::Field field, packet::Family family, packet::Value lo, packet::Value hi);

} // namespace iptlint::analysis
