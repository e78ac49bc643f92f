// One line of a route table, split by its shape and not yet understood.
//
// Here ends what ANTLR is for: the rest of the reader works on the slices below.
#pragma once

#include "parse/LineError.h"
#include <memory>
#include <optional>
#include <vector>

namespace iptlint::parse {

enum class AttributeKind : uint8_t {
  Flag,          ///< `onlink`
  NextHop,       ///< `nexthop`: what follows belongs to a further next hop
  Restated,      ///< `nh_info`: what follows repeats a next hop
  Gateway,       ///< `via 10.0.0.1`, `via inet6 fe80::1`
  Encapsulation, ///< `encap mpls 100`, to its end
  Cached,        ///< `cache <local>`
  Pair,          ///< `mtu 1400`, `mtu lock 1400`, and any other keyword with its value
};

struct Attribute {
  AttributeKind kind = AttributeKind::Flag;
  llvm::StringRef keyword;
  llvm::StringRef family; ///< of a Gateway; empty if none is named
  llvm::StringRef value;  ///< of a Gateway or Pair
};

/// All texts are slices of the line. With an error, what comes before it is there.
struct RouteLine {
  std::vector<llvm::StringRef> words;
  llvm::StringRef type;        ///< `unreachable`; empty if none
  llvm::StringRef destination; ///< empty in a further line and in a row
  std::vector<Attribute> attributes;
  std::optional<LineError> error;
};

/// Reads lines one by one, keeping the generated parser between them. Not for two threads at once.
class RouteLineReader {
public:
  /// A longer line than this, in bytes, is an error: no route has so many words, and each takes memory.
  static constexpr size_t kMaxBytes = 1 << 16;

  RouteLineReader();
  ~RouteLineReader();

  /// `default via 10.0.0.1 dev em1`
  RouteLine route(llvm::StringRef line);
  /// `nexthop via 10.0.0.1 dev em1`: more of the route before.
  RouteLine furtherLine(llvm::StringRef line);
  /// A line of `route -n`: words alone.
  RouteLine row(llvm::StringRef line);

private:
  struct Machine;
  std::unique_ptr<Machine> machine;
};

} // namespace iptlint::parse
