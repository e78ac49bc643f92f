// Whether two rule sets decide every packet alike, proved by Z3.
//
// All of Z3 stays behind this header. The rules are encoded from the IR by code that neither
// analysis nor the passes share.
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"
#include <chrono>

namespace iptlint::smt {

enum class Verdict : uint8_t { Equal, Different, Unknown };

/// How one side decides the packet of a Comparison.
struct Decision {
  std::string verdict;              ///< "ACCEPT", "DNAT --to-destination ..."
  std::vector<std::string> effects; ///< in order
};

struct Comparison {
  Verdict result = Verdict::Unknown;
  std::string reason;      ///< for Unknown and for differences that no packet shows (a chain that one side lacks)
  std::optional<packet::Packet> packet; ///< Different: a packet that they decide differently, made small
  std::string table, chain;             ///< where the difference is
  Decision before, after;
  unsigned queries = 0;    ///< asked of the solver
  double seconds = 0;      ///< spent in the solver
};

/// Compares each built-in chain of each table by itself: for every packet, starting mark and value of
/// the unknown that could enter it, the same verdict and the same effects in the same order.
/// \param budget  wall time for the solver per pair of built-in chains.
/// Never Equal on a timeout. Conditions with state and opaque targets make the answer Unknown unless
/// the chains that can reach them are unchanged.
Comparison compare(const ir::Ruleset &before, const ir::Ruleset &after, std::chrono::milliseconds budget);

/// "Z3 4.8.12"
std::string solverVersion();

} // namespace iptlint::smt
