// What became of a packet on its way through a machine, for the printers to print.
#pragma once

#include "packet/Packet.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace iptlint::report {

/// A value that became another; empty texts are values that are not known.
struct TraceChange {
  packet::Field field;
  std::string from, to;
  std::string possible; ///< where `to` is not known: the values that it may be, "1024-65535"
};

struct TraceStep {
  enum class Kind : uint8_t { Rule, Policy, Routing, Rewritten, Remark } kind = Kind::Remark;
  std::string hook;            ///< "PREROUTING"
  std::string table, chain;    ///< of Routing the route's table
  unsigned rule = 0, line = 0; ///< of Routing the line in `path`; 0: there is none
  std::string path;            ///< of Routing
  std::string words;           ///< the rule, or the route, as it is written
  std::string target;          ///< "DNAT", a chain's name; of a Policy ACCEPT or DROP
  std::string effect;          ///< "jump", "set-mark", "route" ...
  size_t depth = 0;            ///< of a Rule: 1 in a built-in chain
  std::vector<TraceChange> changes;
  std::string text;        ///< a remark
  std::string routingRule; ///< "0: from all lookup local"
  std::string device;      ///< of Routing; empty if none
  std::string via;         ///< the gateway; empty if none
};

struct TraceLeg {
  std::string role; ///< "first", "packet", "answer"
  packet::Packet sent;
  std::vector<TraceStep> steps;
  std::string fate, reason;       ///< of a reject, what it answers
  std::string out, nextHop;       ///< empty if it did not leave
  std::string copyFate, copyReason; ///< of the copy of a broadcast that comes back; empty: there is none
  std::vector<std::string> ports; ///< of the bridge that it left by
  std::string encapsulated;       ///< of a tunnel: what the outer packet is
  std::optional<uint16_t> icmp;
  packet::Packet packet;                                   ///< in the end
  std::vector<std::pair<packet::Field, std::string>> open; ///< of its fields, with the values that they may have
};

struct TraceCondition {
  std::string condition;
  bool holds = true;
  std::string where; ///< "line 12"; empty
};

struct TracePath {
  std::vector<TraceCondition> conditions;
  std::string share; ///< "1/3"; of the packets for which the conditions hold that are no matter of chance
  double percent = 100;
  bool byChance = false; ///< chance alone tells it from the others
  std::vector<TraceLeg> legs;
  const TraceLeg &asked() const {
    for (const TraceLeg &leg : legs)
      if (leg.role == "packet")
        return leg;
    return legs.back();
  }
};

struct Trace {
  std::string path; ///< of the rules
  std::vector<packet::Field> assumed;
  std::string assumedWords; ///< the same with their values
  std::vector<std::string> notes;
  std::vector<TracePath> paths; ///< at least one
  bool complete = true;
  std::string fate, reason;        ///< of all paths; "unknown" where they differ
  std::vector<std::string> whyNot; ///< lines; empty if nobody asked
};

void printTrace(const Trace &trace, llvm::raw_ostream &out);
void printTraceJson(const Trace &trace, llvm::raw_ostream &out);
/// For Graphviz.
void printTraceDot(const Trace &trace, llvm::raw_ostream &out);

/// "forward out of cni0 to 10.244.1.184": the end of a way, in words.
std::string fateText(const TraceLeg &leg);
/// "dport 80 -> 3000".
std::string changeText(const TraceChange &change);

} // namespace iptlint::report
