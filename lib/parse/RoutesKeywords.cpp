#include "parse/RoutesKeywords.h"
#include "llvm/ADT/StringSwitch.h"

namespace iptlint::parse {

// Source: iproute2 6.1, ip/iproute.c: print_route(), print_rta_metrics(), print_rta_cacheinfo(),
// print_rta_multipath(); lib/rt_names.c for what a realm, a table or a protocol may be called.
std::optional<RouteValue> findRouteKeyword(llvm::StringRef keyword) {
  return llvm::StringSwitch<std::optional<RouteValue>>(keyword)
      .Cases("dev", "table", "proto", "scope", "src", RouteValue::Word)
      .Case("pref", RouteValue::Word)
      .Cases("iif", "oif", "mark", "as", RouteValue::Selector)
      .Cases("realm", "realms", "congctl", "features", "ttl-propagate", RouteValue::Word)
      .Cases("expires", "age", "used", "rtt", "rttvar", "rto_min", RouteValue::Word) // have units: 500sec
      .Cases("error", "ipid", RouteValue::Word)                                      // signed, or in hexadecimal
      .Cases("metric", "weight", "nhid", "uid", "users", RouteValue::Number)
      .Cases("mtu", "advmss", "window", "ssthresh", "cwnd", RouteValue::Number)
      .Cases("reordering", "hoplimit", "initcwnd", "initrwnd", "quickack", RouteValue::Number)
      .Case("fastopen_no_cookie", RouteValue::Number)
      .Default(std::nullopt);
}

} // namespace iptlint::parse
