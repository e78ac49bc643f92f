// One concrete packet, as far as rules can tell packets apart.
//
// A packet is a value for every field, and a truth value for every opaque
// condition that is a function of the packet (by its text). Conditions with state
// are no property of the packet and are not here.
#pragma once

#include "packet/Field.h"
#include <map>
#include <vector>

namespace iptlint::packet {

struct Packet {
  Family family = Family::IPv4;
  std::array<Value, kFieldCount> values{};
  /// Opaque conditions this packet is supposed to meet or not, by ir::OpaqueTest::text.
  /// One that is not listed is false.
  std::map<std::string, bool> assume;

  Value operator[](Field field) const { return values[unsigned(field)]; }
  Value &operator[](Field field) { return values[unsigned(field)]; }
  Hook hook() const { return Hook(uint8_t((*this)[Field::Hook])); }
  bool operator==(const Packet &) const = default;
};

/// "NEW", "ESTABLISHED,DNAT", "UNTRACKED": what `--ctstate` would have to name for it.
std::string ctstateText(unsigned state);

/// Whether the packet has a source MAC address that a rule could see: not one of the machine's own.
bool carriesMac(const Packet &packet);
/// "02:00:00:00:00:01".
std::string macText(Value mac);

/// The packet in iptables words, as `iptlint trace` would read it:
/// `-i em1 -p tcp -s 192.168.9.77 --sport 40000 -d 10.1.140.170 --dport 3000 --tcp-flags ALL SYN --ctstate NEW`.
std::string inIptablesWords(const Packet &packet);

} // namespace iptlint::packet
