// A packet as the PACKET object of the JSON forms; docs/output.md describes it.
#pragma once

#include "packet/Packet.h"
#include "llvm/ADT/ArrayRef.h"
#include "report/JsonWriter.h"
#include <string>
#include <utility>

namespace iptlint::report {

/// Conditions that are not modelled, by text, and whether they are to hold.
using Assumptions = llvm::ArrayRef<std::pair<std::string, bool>>;

/// Writes \p packet as a value. Fields that its protocol lacks are absent.
/// \param state  conditions with state it relies on, beside those in Packet::assume.
void writePacket(JsonWriter &json, const packet::Packet &packet, Assumptions state = {});

} // namespace iptlint::report
