// What a proof took, for people and for programs: the same words in verify and optimize.
#pragma once

#include "report/JsonWriter.h"
#include "smt/Equivalent.h"

namespace iptlint::driver {

/// "; in 3 parts of packets both sides come to the same formula": why there may be no question though rules have
/// changed. Empty where there is no such part.
std::string alikeText(const smt::Comparison &comparison);

/// The fields of the object "proof" that every report of one has.
void writeProofFields(report::JsonWriter &json, const smt::Comparison &comparison);

} // namespace iptlint::driver
