// What a rule does, as a statement of nft(8).
#pragma once

#include "ir/Ruleset.h"
#include "llvm/Support/Error.h"
#include <string>

namespace iptlint::emit {

/// "accept", "goto chain-x", "log prefix \"x\" level info"; empty for a rule without a target.
/// \param target  its options as iptables-save prints them.
/// \param chains  those of its table, under the names that they have in nft.
/// Fails where nft has no statement that does just that; the message says what it is: "-j TCPMSS".
llvm::Expected<std::string> nftStatement(const ir::Target &target, llvm::ArrayRef<std::string> chains,
                                         packet::Family family);

} // namespace iptlint::emit
