// Whole rule sets made by chance, as text, and the packets to try them with.
#pragma once

#include "Journey.h"

namespace iptlint::oracle {

/// Up to four tables of few rules and one user chain each, of the things that tables do to each other.
std::string smallRuleset(uint64_t seed);

/// Up to four tables, each with three user chains: jumps, gotos and RETURNs, marks of packets and flows set and read in
/// parts, translations, header fields, functions of the packet and what keeps state, all in one.
std::string richRuleset(uint64_t seed);

/// The built-in chains of a table.
std::vector<llvm::StringRef> hooksOf(llvm::StringRef table);

/// Packets for both.
const World &worldOfRandom();

} // namespace iptlint::oracle
