// What becomes of packets of a kind, group by group, for the printers to print.
#pragma once

#include "packet/Packet.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace iptlint::report {

/// The rule that decided, or with `rule` 0 the policy of the chain.
struct QueryRule {
  std::string table, chain, words;
  unsigned rule = 0, line = 0;
};

struct QueryGroup {
  std::string fate;    ///< "forward", "input", "output", "drop", "reject", "none", "unknown"
  std::string reason;  ///< of a reject its answer, of none and unknown why; may be empty
  std::string out;     ///< empty if it does not leave
  std::string gateway; ///< empty: directly
  std::optional<QueryRule> rule;
  std::vector<std::pair<packet::Field, std::string>> rewritten; ///< an empty text: to what is not known
  std::vector<std::string> conditions;                          ///< one for each of its parts
  std::optional<packet::Packet> packet;                         ///< one of them
};

struct Query {
  std::vector<std::string> notes;
  std::vector<QueryGroup> groups; ///< those that are shown
  size_t leftOut = 0;             ///< groups that are not
};

void printQuery(const Query &query, llvm::raw_ostream &out);
void printQueryJson(const Query &query, llvm::raw_ostream &out);

} // namespace iptlint::report
