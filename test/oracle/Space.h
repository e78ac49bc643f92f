// A handful of packets that stand for all of them, for one table.
//
// The tests and writes of a table cannot tell certain values of a field apart: of each such class
// one value is taken. So a question "is there a packet" that is asked of these packets alone is
// answered for all packets.
//
// A field may be tested by ranges or by masks, not by both; a field that is tested by ranges may be
// written as a whole only. Interfaces are tested by names and prefixes. (Asserted.)
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::oracle {

using packet::Field;
using packet::Packet;
using packet::Value;

struct Space {
  packet::Family family = packet::Family::IPv4;
  /// By field: one value of each class, sorted; one value where no rule cares.
  std::array<std::vector<Value>, packet::kFieldCount> values;
  /// The texts of the opaque functions, each true or false.
  std::vector<std::string> functions;
  /// The hooks that the table has a chain for.
  std::vector<packet::Hook> hooks;

  const std::vector<Value> &of(Field field) const { return values[unsigned(field)]; }
};

Space spaceOf(const ir::Table &table, packet::Family family = packet::Family::IPv4);

/// How many packets everyPacket would give.
double packetCount(const Space &space);

/// Each combination of values, function values and hooks, as far as the hook allows them: a packet
/// in INPUT has no outgoing interface.
std::vector<Packet> everyPacket(const Space &space);

/// Whether a packet can have this value of the field at this hook.
bool possibleAt(packet::Hook hook, Field field, Value value);

} // namespace iptlint::oracle
