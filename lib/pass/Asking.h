// A rule's condition for the values that a branch of a tree takes.
#pragma once

#include "tree/Tree.h"

namespace iptlint::pass {

struct Asking {
  std::vector<std::string> words; ///< "-d", "10.0.0.0/8"
  std::vector<ir::Test> tests;
  std::string name; ///< what it asks, for the name of a chain: "d10.0.0.0/8"
};

/// \param values  that tree::isAskable() of the field; \param protocol  of the node, where the field is in its header.
Asking askFor(packet::Field field, ir::Interval values, std::optional<unsigned> protocol, packet::Family family);

} // namespace iptlint::pass
