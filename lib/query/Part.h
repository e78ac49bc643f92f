// A region on its way: which packets these are, and what has become of their fields so far.
#pragma once

#include "eval/Fraction.h"
#include "eval/Routing.h"
#include "query/Region.h"
#include <map>

namespace iptlint::query {

/// What a field holds now: (entering[of] & keep) ^ flip, where it is known.
struct Held {
  Field of = Field::Src;
  Value keep = 0;
  Value flip = 0;
  bool known = true;
  bool isConstant() const { return known && keep == 0; }
  bool operator==(const Held &) const = default;
};

/// What has to hold besides, because neither rules nor network tell.
struct Condition {
  std::string text;
  bool holds = true;
  unsigned line = 0; ///< of the rule that asks; 0: none does
  std::optional<eval::Fraction> share;
};

struct Part {
  Region region;
  std::vector<std::pair<Field, Held>> changed;
  std::vector<Condition> conditions;
  std::map<std::string, bool> functions;                      ///< opaque conditions, by text and rewriting
  std::map<std::string, std::vector<packet::AddrType>> types; ///< left of addresses that may be this machine's
  unsigned rewritings = 0;
  Value entering = 0;            ///< the state that was asked for
  Value intended = 0;            ///< the state that conntrack will say
  std::array<Held, 4> first;     ///< addresses and ports of the flow's first packet: of Src, Dst, Sport, Dport
  std::optional<Held> ownSource; ///< of this machine's packets: the source that routing chose
  bool isTracked = false, isBack = false;
  std::shared_ptr<const eval::Decision> way; ///< the last decision of routing; null: none yet
};

/// What becomes of packets.
enum class Ending : uint8_t { Forward, Input, Output, Drop, Reject, None, Unknown };
/// "forward" ...
llvm::StringRef name(Ending ending);

/// A rule, or with `policy` the end of a built-in chain.
struct Decider {
  uint32_t table = 0, chain = 0, rule = 0;
  bool policy = false;
  bool operator==(const Decider &) const = default;
};

struct Fate {
  Ending ending = Ending::Unknown;
  std::string reason;             ///< of Reject its answer; of None and Unknown, why
  std::string out;                ///< empty if it does not leave
  std::string gateway;            ///< empty: it goes to its destination directly
  std::optional<Decider> decider; ///< of Drop and Reject
  /// Addresses and ports that are others in the end; no value: which is not known.
  std::vector<std::pair<Field, std::optional<Value>>> rewritten;
};

struct Ended {
  Part part;
  Fate fate;
};

} // namespace iptlint::query
