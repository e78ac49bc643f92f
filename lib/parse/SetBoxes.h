// Which packets a set holds: from members to boxes over the fields of packets.
//
// The one place that knows how the kernel looks a packet up in a set. Source: net/netfilter/ipset.
#pragma once

#include "ir/Ruleset.h"
#include "ir/Sets.h"

namespace iptlint::parse {

/// What a rule asks of a set.
struct SetQuestion {
  unsigned directions = 0;    ///< how many words `src` and `dst` there are
  unsigned sources = 0;       ///< bit i: the i-th word, from 0, is `src`
  bool returnNomatch = false; ///< `--return-nomatch`
  bool isSource(unsigned part) const { return sources >> part & 1; }
  auto operator<=>(const SetQuestion &) const = default;
};

enum class SetAnswer : uint8_t {
  Exact,   ///< the boxes are the packets that are in the set
  AtMost,  ///< packets outside of the boxes are not in it; those inside are while a member's time lasts
  Unknown, ///< a function of the packet, and more is not known
  Changing, ///< not even that: the set changes
};

struct SetBoxes {
  SetAnswer answer = SetAnswer::Exact;
  std::vector<ir::Alternative> boxes;
  std::string why; ///< it is not Exact
};

/// The packets of \p family that are in \p set.
/// \param all  where the members of a list of sets are found.
SetBoxes boxesOf(const ir::Set &set, const ir::Sets &all, const SetQuestion &question, packet::Family family);

/// The ranges or boxes that \p boxes have altogether.
size_t countPieces(llvm::ArrayRef<ir::Alternative> boxes);

/// Puts boxes that differ in one field alone together.
void mergeBoxes(std::vector<ir::Alternative> &boxes);

} // namespace iptlint::parse
