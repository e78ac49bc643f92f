// The options by which a packet is told, and how the value of each is read.
#pragma once

#include "packet/Packet.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace iptlint::parse {

/// Reads one value; nothing if the text is none.
using PacketValueReader = std::optional<packet::Value> (*)(llvm::StringRef text, packet::Family family);

struct PacketOption {
  llvm::StringLiteral name; ///< "--dport", "-i"
  packet::Field field;
  PacketValueReader read;
  llvm::StringLiteral what; ///< "port": what the value is to be
};

/// The option of that name; nullptr if there is none with one word behind it. `--mark` is the packet's.
const PacketOption *findPacketOption(llvm::StringRef name);

/// "em1" as Field::In has it.
std::optional<packet::Value> readInterface(llvm::StringRef text, packet::Family family);
/// A type of ICMP and its code, 0 where it names none.
std::optional<packet::Value> readIcmp(llvm::StringRef text, packet::Family family);
/// "SYN,ACK", "NONE", "ALL": any of the eight flags, of which ALL are the six that rules can name.
std::optional<packet::Value> readTcpFlags(llvm::StringRef text);

/// The protocol and port that the scheme of a URL stands for; none: the scheme has none.
struct SchemeDefault {
  unsigned protocol;
  std::optional<uint16_t> port;
};
/// Nothing for a scheme that nobody knows. Source: IANA's registries of URI schemes and of port numbers.
std::optional<SchemeDefault> findScheme(llvm::StringRef scheme);

} // namespace iptlint::parse
