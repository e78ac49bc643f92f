// Whether two rule sets decide every packet alike, proved by Z3.
//
// All of Z3 stays behind this header. The rules are encoded from the IR by code that neither
// analysis nor the passes share.
#pragma once

#include "ir/Ruleset.h"
#include "packet/Packet.h"
#include "llvm/ADT/ArrayRef.h"
#include <chrono>
#include <map>

namespace iptlint::smt {

enum class Verdict : uint8_t { Equal, Different, Unknown };

/// How one side decides the packet of a Comparison.
struct Decision {
  std::string verdict;              ///< "ACCEPT", "DNAT --to-destination ..."
  std::vector<std::string> effects; ///< in order; MARK, whose effect is the packet's mark, is not among them
  // What is presumed where the rules leave it open, so that the packet can be walked again:
  std::vector<packet::Value> madeUp; ///< values of writes that are not known, in the order they happen
  /// Whether an opaque function holds, by its text and the number of rewritings before.
  std::map<std::pair<std::string, unsigned>, bool> afterRewriting;
  /// The conditions with state that are evaluated, in order, by OpaqueTest::text, and whether each holds (without its
  /// negation). The same on both sides.
  std::vector<std::pair<std::string, bool>> state;
};

struct Comparison {
  Verdict result = Verdict::Unknown;
  std::string reason; ///< for Unknown and for differences that no packet shows (a chain that one side lacks)
  std::optional<packet::Packet> packet; ///< Different: a packet that they decide differently, made small
  std::string table, chain;             ///< where the difference is
  Decision before, after;
  bool policyAccepts = false; ///< Different: what is presumed of a policy that is not stated
  unsigned queries = 0;       ///< asked of the solver
  unsigned unchanged = 0;     ///< pairs of built-in chains that are equal without a query: nothing they reach differs
  // Of chains that have changed, parts of all packets:
  unsigned cells = 0;          ///< that the solver was asked about
  unsigned unchangedCells = 0; ///< for which both sides have the same rules
  unsigned alikeCells = 0;     ///< for which other rules of both sides come to the same formula
  double seconds = 0;          ///< wall time of the proof
};

/// What a proof may take.
struct Effort {
  Effort(std::chrono::milliseconds budget, unsigned processes = 1, std::string log = "")
      : budget(budget), processes(processes), log(std::move(log)) {}

  std::chrono::milliseconds budget; ///< wall time per pair of built-in chains
  unsigned processes;               ///< that share the work, at least 1
  std::string log;                  ///< a folder that every question is written to, as SMT-LIB 2; empty: none
  /// A part of all packets that no more rules concern than this, both sides together, is asked about as it is: to cut
  /// it would cost more than it saves. Chains of no more rules are not worth another process.
  size_t rulesPerQuestion = 400;
};

/// Compares each built-in chain of each table by itself: for every packet, starting mark and value of
/// the unknown that could enter it, the same verdict, the same effects in the same order, the same packet left.
/// Never Equal on a timeout. May start processes, so no other thread should run. Conditions with state and opaque
/// targets are unknown functions of all that happened before; where the two sides evaluate different ones, a difference
/// is Unknown. Rules that could not be read and jumps to nowhere make the answer Unknown unless nothing that the chain
/// reaches has changed. docs/proof.md tells more.
Comparison compare(const ir::Ruleset &before, const ir::Ruleset &after, const Effort &effort);

/// The same, chain by chain: one Comparison for each built-in chain that either side names, in the order of
/// the tables in \p before. Ends early behind the first that is Different.
std::vector<Comparison> compareChains(const ir::Ruleset &before, const ir::Ruleset &after, const Effort &effort);

/// The answer for a whole: Different if any is, else Unknown if any is, with counts and seconds added up.
Comparison summary(llvm::ArrayRef<Comparison> parts);

/// "Z3 4.8.12"
std::string solverVersion();

} // namespace iptlint::smt
