// The keywords of `ip route show` that have a value, and what the value must look like.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>

namespace iptlint::parse {

enum class RouteValue : uint8_t {
  Word,     ///< anything
  Number,   ///< 0 to 4294967295
  Selector, ///< anything; it says which packets take the route, so the route is opaque
};

/// None: not a keyword that iproute2 is known to print.
std::optional<RouteValue> findRouteKeyword(llvm::StringRef keyword);

} // namespace iptlint::parse
