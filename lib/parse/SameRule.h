// Whether two rules are the same to iptables, which is what -D, -C by rule ask.
#pragma once

#include "parse/Command.h"

namespace iptlint::parse {

enum class Sameness : uint8_t {
  Same,
  Different,
  Unknown, ///< written otherwise, and whether the kernel holds the same bytes for both is not modelled
};

/// A rule in the form in which iptables compares it: its matches in order, each with its values, and its target.
/// Addresses, protocols, numbers and ports are written alike whatever way the rule says them.
/// Source: iptables/xshared.c and libiptc, TC_DELETE_ENTRY: entries are compared byte for byte, but for their counters.
std::string signatureOf(const Command &command, packet::Family family, llvm::BumpPtrAllocator &memory);

/// \p left and \p right  two rules with their signatures.
Sameness compareRules(const ir::Rule &left, llvm::StringRef leftSignature, const ir::Rule &right,
                      llvm::StringRef rightSignature);

} // namespace iptlint::parse
