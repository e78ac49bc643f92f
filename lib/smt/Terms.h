// Packets as terms of the solver: one bit-vector per field, and formulas built so that constants fold.
//
// A Terms holds the solver's context: the packet as it enters the built-in chain. Folding
// is done here and not left to the solver, since most rules change nothing of a packet and the
// terms of both sides then stay as small as the rules themselves.
//
// Only files of this folder may include this header: it shows Z3.
#pragma once

#include "packet/Packet.h"
#include <bitset>
#include <map>
#include <optional>
#include <vector>
#include <z3++.h>

namespace iptlint::smt {

using packet::Field;
using packet::Value;

class Terms {
public:
  Terms(packet::Family family, packet::Hook hook);

  z3::context context;
  const packet::Family family;
  const packet::Hook hook;

  z3::expr truth(bool value) { return context.bool_val(value); }
  z3::expr number(Value value, unsigned bits);

  /// The packet's value of a field as it enters.
  z3::expr entering(Field field) const { return packet[unsigned(field)]; }

  /// Notes that some rule asks for the value of a field. Of others the packet may have any.
  void noteRead(Field field) { read.set(unsigned(field)); }
  bool isRead(Field field) const { return read[unsigned(field)]; }

  /// \p value is at most packet::maxValue of \p field.
  z3::expr meaningful(Field field, const z3::expr &value);

  /// What makes a packet well-formed at this hook: every value is at most packet::maxValue, interfaces are
  /// there or not as packet::presence says. Nothing else.
  z3::expr wellFormed();
  /// The part of it that is about one field; each part can be met whatever the others are.
  z3::expr wellFormed(Field field);

  /// A constant that stands for a formula or number; the same for the same. The solver flattens what is nested,
  /// in quadratic time, so long terms are cut into named pieces.
  z3::expr named(const z3::expr &term);
  /// What the names mean, `name == term`; to be asserted once all terms are built.
  const std::vector<z3::expr> &definitions() const { return meanings; }
  /// The term that \p name stands for; nothing where it is no name.
  std::optional<z3::expr> meaningOf(const z3::expr &name) const;
  /// Before terms for another question are built: no name means anything any more, and no field was asked for.
  void forget();

private:
  z3::expr_vector packet; ///< by field
  std::bitset<packet::kFieldCount> read;
  std::map<unsigned, z3::expr> names; ///< by the term's id; `meanings` keeps the terms alive, and so their ids
  std::vector<z3::expr> meanings;
  std::map<unsigned, size_t> numbers; ///< by the name's id: which of `meanings`
};

z3::expr conjunction(const z3::expr &left, const z3::expr &right);
z3::expr disjunction(const z3::expr &left, const z3::expr &right);
z3::expr negation(const z3::expr &operand);
z3::expr choose(const z3::expr &condition, const z3::expr &then, const z3::expr &otherwise);

/// The value of a numeral of at most 128 bits.
Value valueOf(const z3::expr &numeral);

} // namespace iptlint::smt
