// Rules of nat whose new destination no route leads to.
#pragma once

#include "analysis/Routable.h"
#include "lint/Facts.h"
#include "llvm/ADT/STLExtras.h"
#include <string>

namespace iptlint::lint {

/// Calls \p visit for every DNAT that packets from other machines may come to and that none of them gets through: the
/// texts show all routes and own addresses, and neither leads to any of its new addresses.
void eachUnroutable(const Facts &facts,
                    llvm::function_ref<void(const RuleFacts &rule, const analysis::Ways &ways)> visit);

/// "no route leads to 10.0.0.5", "the route 'unreachable 10.0.0.0/8' (routes:3) refuses packets to 10.0.0.5".
std::string whyUnroutable(const Facts &facts, const RuleFacts &rule, const analysis::Ways &ways);

} // namespace iptlint::lint
