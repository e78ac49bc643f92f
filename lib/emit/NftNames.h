// Names and places of tables and chains in nft text.
#pragma once

#include "ir/Ruleset.h"
#include <string>

namespace iptlint::emit {

/// "iptlint-filter": not `filter`, which is what iptables-nft calls its own.
std::string nftTableName(llvm::StringRef table);

/// The name of a chain. nft takes letters, digits and `-_/` behind a letter, and has keywords in small letters:
/// `INPUT` and `KUBE-SVC-1` stay as they are; in front of a name without a capital stands `chain-`, and other bytes are
/// `.` with two hexadecimal digits.
std::string nftChainName(llvm::StringRef chain);

/// "type filter hook input priority 0": where a built-in chain hangs; empty for a table that nft text is not written
/// of.
std::string nftHook(llvm::StringRef table, packet::Hook hook);

} // namespace iptlint::emit
