// What one cheap condition of an iptables rule can ask of a field, and how a field is cut so that rules can ask.
#pragma once

#include "tree/Columns.h"
#include "tree/Cuts.h"

namespace iptlint::tree {

/// Whether a rule can ask for just these values of a field: -s and -d for a prefix, -i and -o for a name or all that
/// begin alike, -p for a number, --sport and --dport for a range, --icmp-type for a type or one code of it, --ctstate
/// for whole states, --mark for a value.
bool isAskable(Field field, Interval values, packet::Family family);

/// Whether rules ask for a field only together with a protocol, and so not of later fragments, which lack the header
/// that it is in.
bool isOfHeader(Field field);
/// Of Field::Fragment: what has it.
constexpr Interval kWithHeader{0, Value(packet::Fragment::Later) - 1};

/// The protocol that the packets of a region have, if a rule that asks for \p field can name it.
std::optional<unsigned> protocolFor(Field field, const Region &region);

/// The parts of a cut of \p field that rules can ask for; fewer than two where there is none.
/// \param fanOut  how many branches there should be. A built-in chain may not ask for an interface that its packets
/// need not have, so POSTROUTING is not cut at -i.
std::vector<Part> askableParts(Field field, const Column &column, const Region &region, unsigned fanOut);

} // namespace iptlint::tree
