// What a packet has become on its way through the rules, as terms.
//
// Most rules change nothing, so a State holds only the fields that some rule of the two rule sets
// writes. What is no field of a packet is kept as a history: the sequence of what targets did and which
// conditions with state were evaluated. Two packets with the same beginning and the same history are
// the same in every respect, and so is the machine they passed.
#pragma once

#include "smt/Terms.h"
#include <vector>

namespace iptlint::smt {

struct State {
  std::vector<z3::expr> fields; ///< of the written fields, in the order of WrittenFields
  z3::expr history;
  z3::expr rewriting;   ///< the history when the packet was last rewritten in parts that are no field
  z3::expr evaluations; ///< a checksum of which conditions with state were evaluated, in order
  z3::expr opaque;      ///< an opaque target was met
};

/// `then` where the condition holds.
State choose(const z3::expr &condition, const State &then, const State &otherwise);

/// Identifies a state by its terms: equal keys, equal states, as long as both are alive.
std::vector<unsigned> keyOf(const State &state);

/// Whether two states are the same terms.
bool isSame(const State &left, const State &right);

/// Where two states differ in what can be seen of them: fields and history.
z3::expr differ(const State &left, const State &right);

} // namespace iptlint::smt
