// Sets of addresses and the like that rules ask about, as ipset defines them. Plain data, no behaviour.
//
// A set is what one type of ipset's says of its members: up to three parts, each an address, a port,
// an interface and so on. What is asked of a packet for each part is for the rule to say (src, dst).
// Source: ipset(8).
#pragma once

#include "packet/Field.h"
#include "support/Source.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <optional>
#include <vector>

namespace iptlint::ir {

/// What a part of a set's members is.
enum class SetPart : uint8_t {
  Address,   ///< an address, or a range of them; with `netmask` blocks
  Net,       ///< a prefix; the longest one of a set that holds an address decides
  Port,      ///< protocol and port, or ICMP type and code
  AnyPort,   ///< a port of TCP or UDP
  Mac,
  Mark,
  Interface,
  Set,       ///< another set
};

/// One part of a member, both ends inclusive; for each part as packet/Field.def writes its field.
/// Of a Mac that the set has not learnt yet, 0 to packet::kNoMac - 1. A Set is in SetMember::name.
struct SetValue {
  packet::Value lo = 0, hi = 0;
  uint8_t protocol = 0; ///< of a Port
  bool operator==(const SetValue &) const = default;
};

struct SetMember {
  support::SourceRange at;          ///< as it is written
  std::array<SetValue, 3> parts;    ///< as many as the set has
  llvm::StringRef name;             ///< of the set, where the part is one
  llvm::StringRef comment;          ///< unquoted; empty if none
  bool nomatch = false;             ///< an exception from wider prefixes
  bool expires = false;             ///< has a timeout
  bool physdev = false;             ///< the interface is a port of a bridge
};

struct Set {
  llvm::StringRef name;
  size_t source = 0;                ///< which of Sets::sources defines it
  support::SourceRange at;          ///< its name there
  llvm::StringRef type;             ///< "hash:ip,port"
  llvm::SmallVector<SetPart, 3> parts;
  /// Whose packets it can hold; none: both families'.
  std::optional<packet::Family> family;
  uint32_t markMask = ~uint32_t(0);
  bool hasCounters = false;
  /// Why it is not known what the set holds; empty: the members below are all there are.
  std::string unknown;
  std::vector<SetMember> members;
};

struct Sets {
  std::vector<std::shared_ptr<const support::Source>> sources;
  std::vector<Set> sets;

  const Set *find(llvm::StringRef name) const {
    auto found = llvm::find_if(sets, [&](const Set &set) { return set.name == name; });
    return found == sets.end() ? nullptr : &*found;
  }
};

} // namespace iptlint::ir
