// Parts of one fate together, and whether eval's journey of a packet has that fate.
#pragma once

#include "query/Query.h"

namespace iptlint::query {

struct Group {
  Fate fate;
  std::vector<const Ended *> parts; ///< none of them empty, as far as that is known
  /// One that is in the first part; none: it is not known whether there are any.
  std::optional<packet::Packet> example;
};

/// In the order of their endings: unknown first, then what ends early, then what gets through, as it came before what
/// is rewritten. Parts that hold no packet are left out.
std::vector<Group> groupsOf(const Answer &answer);

/// All ways of a packet through the machine, as eval has them; \p complete is whether these are all.
std::vector<eval::Trip> tripsOf(const eval::Machine &machine, const Answer &answer, const packet::Packet &packet,
                                bool &complete);

/// Whether that is what became of a packet on its trip: the same end, by the same rule, interface and gateway, with the
/// same addresses and ports. What is unknown agrees with everything. Whether what REJECT answers finds its way is not
/// asked: that hangs on the sender.
bool agrees(const Answer &answer, const Fate &fate, const packet::Packet &packet, const eval::Trip &trip);

} // namespace iptlint::query
