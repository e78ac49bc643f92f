// How iptables-save writes the values of options: one function for each form.
//
// What is given may be written in any way that iptables reads; what comes out is
// what iptables-save 1.8.9 (legacy) prints. Nothing comes out for a value that is not
// understood: the option then stays as it was written. A text with blanks is several
// words, unless it stands in quotes.
#pragma once

#include "packet/Field.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>

namespace iptlint::parse::normal {

/// The values of an option as written, without their quotes.
struct Input {
  llvm::ArrayRef<llvm::StringRef> values;
  packet::Family family;

  llvm::StringRef first() const { return values.empty() ? llvm::StringRef() : values[0]; }
};

using Text = std::optional<std::string>;
/// How one option's values are written; null: it has none.
using Form = Text (*)(const Input &);

constexpr Form flag = nullptr;

// Numbers.
Text decimal(const Input &input);
Text hex(const Input &input);     ///< 0xa
Text hex2(const Input &input);    ///< 0x0a
Text hex8(const Input &input);    ///< 0x0000000a
Text range16(const Input &input); ///< `3` or `3:7`; an open end is written out
Text range32(const Input &input);
Text connbytes(const Input &input); ///< an open end stays open
Text nodeMask(const Input &input);  ///< a node's number as the mask that holds it alone
Text protocolNumber(const Input &input);
Text namedProtocol(const Input &input);
Text trafficClass(const Input &input); ///< 0001:000a
Text limitRate(const Input &input);
Text u32(const Input &input);

// Names.
Text text(const Input &input);     ///< as it is; nothing for what would need quotes
Text quoted(const Input &input);   ///< in quotes where it holds anything but letters, digits, `-` and `_`
Text inQuotes(const Input &input); ///< in quotes always
Text upperCase(const Input &input);
Text lowerCase(const Input &input);
Text setAndDirections(const Input &input);

// Names that stand for numbers, and lists of them in the order of the numbers.
Text syn(const Input &input);
Text tcpFlags(const Input &input);
Text ctStates(const Input &input);
Text ctStatuses(const Input &input);
Text ctEvents(const Input &input);
Text addressTypes(const Input &input);
Text dccpTypes(const Input &input);
Text sctpChunks(const Input &input);
Text extensionHeaders(const Input &input);
Text headerOptions(const Input &input);
Text tcpOptions(const Input &input);
Text mhTypes(const Input &input);
Text icmpType(const Input &input);
Text packetType(const Input &input);
Text rejectType(const Input &input);
Text logLevel(const Input &input);
Text ledDelay(const Input &input);
Text zone(const Input &input);
Text owner(const Input &input);
Text dscpClass(const Input &input);

// Ports.
Text portRange(const Input &input);
Text portList(const Input &input);
Text natPorts(const Input &input);

// Addresses.
Text address(const Input &input);        ///< without one: that of all zeros
Text hostMask(const Input &input);       ///< a mask as an address; without one: that of all ones
Text network(const Input &input);        ///< a length, but for that of one host
Text networkLength(const Input &input);  ///< always a length
Text clearedNetwork(const Input &input); ///< with the bits outside of the mask 0
Text prefixLength(const Input &input);   ///< of a length or a mask
Text addressRange(const Input &input);
Text addressList(const Input &input);
Text natRange(const Input &input);
Text mac(const Input &input);

// Values with masks. `set-mark` and its like are written as `set-xmark`.
Text valueMask(const Input &input); ///< 0x1, or 0x1/0xff
Text xmark(const Input &input);     ///< 0x1/0xff
Text setMark(const Input &input);
Text andMark(const Input &input);
Text orMark(const Input &input);
Text xorMark(const Input &input);
Text tos(const Input &input);
Text andTos(const Input &input);
Text orTos(const Input &input);
Text xorTos(const Input &input);

/// A length, or for a mask whose ones are not contiguous the mask itself.
std::string maskText(packet::Value mask, packet::Family family);
/// The name that iptables-save has for a protocol, or its number.
std::string protocolName(unsigned number);

} // namespace iptlint::parse::normal
