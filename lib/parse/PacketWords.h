// One packet in the words of a rule that would match it, or as a URL.
//
// `-i em1 -p tcp -s 192.168.9.77 -d 10.1.140.170 --dport 3000`: each option gives a field its one value, in any order
// and without the `-m` that a rule needs. What is said of no field is not made up here: eval/Arrival.h completes a
// packet.
#pragma once

#include "packet/Packet.h"
#include "support/Diagnostic.h"
#include "llvm/ADT/ArrayRef.h"
#include <bitset>

namespace iptlint::parse {

class Hosts;

using Fields = std::bitset<packet::kFieldCount>;

/// A part of a URL that no firewall sees.
struct UnseenPart {
  llvm::StringLiteral what; ///< "path"
  std::string text;         ///< "/index.html"; of a user without the password
};

struct ParsedPacket {
  /// At PREROUTING with an incoming interface, at OUTPUT without.
  packet::Packet packet;
  Fields given;                                ///< what the words say
  std::optional<packet::Value> macDestination; ///< `--mac-destination`
  std::string host;                            ///< the name in a URL, where it is no address
  std::vector<UnseenPart> unseen;
  /// The words, parted by single blanks: what the findings point into.
  std::shared_ptr<const support::Source> source;
  std::vector<support::Diagnostic> findings; ///< `syntax`, errors only
};

struct PacketOptions {
  std::optional<packet::Family> family; ///< none: that of the first address
  const Hosts *hosts = nullptr;         ///< what names stand for
};

/// Reads \p words, as they stand on a command line. Packets that packet::inIptablesWords() prints are read back, but
/// for the hook, and for which fragment it is: `-f` is one with more to come. \returns with findings for what is no
/// value, more than one value, unknown or said twice.
ParsedPacket parsePacket(llvm::ArrayRef<std::string> words, const PacketOptions &options);

} // namespace iptlint::parse
