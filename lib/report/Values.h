// The values of a field between two ends, as people write them.
#pragma once

#include "packet/Packet.h"
#include <string>

namespace iptlint::report {

/// "10.0.0.0/8", "80", "1024-65535", "tcp", "eth+", "NEW": the values from \p lo to \p hi, both inclusive.
/// Where no word or prefix names just these, both ends are given: "10.0.0.3-10.0.0.9", "after eth0, before eth1".
std::string valuesText(packet::Field field, packet::Value lo, packet::Value hi, packet::Family family);

/// One end, for programs: an address, a number in decimal; an interface as the number that packet/Field.def says, in
/// hexadecimal.
std::string valueText(packet::Field field, packet::Value value, packet::Family family);

} // namespace iptlint::report
