// A model of the solver, read: the packet, and what each side does with it.
#pragma once

#include "smt/Equivalent.h"
#include "smt/Unknowns.h"
#include "smt/Walk.h"

namespace iptlint::smt {

/// Whether a field may have any value, since it is one that few rules read and none of these does.
bool isOpen(Field field, const Terms &terms);

packet::Packet packetIn(const z3::model &model, Terms &terms, Unknowns &unknowns);

/// The conditions with state that are evaluated on the packet's way, in order.
std::vector<Event> evaluationsIn(const z3::model &model, const Outcome &outcome, const Unknowns &unknowns);

Decision decisionIn(const z3::model &model, const Outcome &outcome, const Verdicts &verdicts, Unknowns &unknowns);

} // namespace iptlint::smt
