// A rule on its way to nft text: what it tests, one part after the other, and what it does.
//
// Parts that ask one field for one range of values are kept as such, so that rules which stand behind one
// another can share a verdict map (NftMaps.h). All else is text already.
#pragma once

#include "ir/Ruleset.h"
#include <string>

namespace iptlint::emit {

/// The field has a value in the range.
struct NftKey {
  ir::Field field = ir::Field::Src;
  ir::Interval value;
  bool operator==(const NftKey &) const = default;
};

struct NftPart {
  std::string text;          ///< "ip frag-off & 0x1fff == 0"; of a key empty
  std::optional<NftKey> key; ///< what a map could ask
  bool steady = false;       ///< of a text: no target can change the answer
  bool operator==(const NftPart &) const = default;
};

struct NftRule {
  std::vector<NftPart> parts;       ///< all must hold
  std::optional<unsigned> protocol; ///< the only one whose packets can get behind the parts
  std::string statement;            ///< "accept", "log prefix \"x\""; empty: the rule does nothing
  bool isVerdict = false;           ///< the statement is a verdict and nothing else
  bool comesBack = false;           ///< a jump: the rules behind it are tried too
  bool keepsState = false;          ///< some part acts when it is evaluated, so that they must stay in order
  bool never = false;               ///< no packet meets the parts
  llvm::StringRef comment;
};

/// The rule's parts and its statement as a line without its end.
std::string nftRuleText(const NftRule &rule, packet::Family family);

/// "ip saddr": how the field of a key is asked for, of packets of this protocol.
std::string nftSelector(ir::Field field, std::optional<unsigned> protocol, packet::Family family);

/// "10.0.0.0/8", "1024-65535", "\"eth0\"": the values of a key.
std::string nftValue(const NftKey &key, packet::Family family);

/// Whether a key of the field can hold the range: of interfaces one name alone.
bool nftCanBeKey(const NftKey &key);

} // namespace iptlint::emit
