// What a plain packet looks like in the fields that few rules read, and how values of these are written.
//
// Those fields (traffic class, time to live, length, the interfaces' groups, the socket, the flow ...) are shown of a
// packet only where they are out of the ordinary.
#pragma once

#include "packet/Packet.h"
#include <vector>

namespace iptlint::packet {

/// The value of \p field that a plain packet has which is otherwise like \p packet: a flow's own addresses and ports
/// are the packet's, or the other way round where it is a reply. 0 for most.
Value usualValue(Field field, const Packet &packet);

/// The fields that few rules read and that \p packet has, where their values are not usual, in the order of the table.
std::vector<Field> unusualFields(const Packet &packet);

/// Whether \p field is written as a number, and not as text.
bool isNumber(Field field);

/// The value of such a field as text: an address, an interface, names separated by commas, or a number.
std::string valueText(Field field, const Packet &packet);

/// "--tos", "--ttl-eq": the option that tests such a field, for people to read.
llvm::StringRef optionOf(Field field, Family family);

} // namespace iptlint::packet
