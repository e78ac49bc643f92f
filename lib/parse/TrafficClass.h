// The names that iptables has for values of the TOS byte.
#pragma once

#include "parse/Values.h"

namespace iptlint::parse {

/// `0x10`, `0x10/0x3f`, or a name such as `Minimize-Delay`, whose mask is 0x3f. Nothing where it is none of these or
/// does not fit a byte. Source: iptables 1.8.9, xtoptions.c, xtopt_parse_tosmask(); tos_values.c, tos_symbol_names[].
std::optional<MarkMask> parseTos(llvm::StringRef text);

/// The number, 0 to 63, of the first class (`CS1`, `BE`, `AF11`, `EF` ...) that \p text begins with, in capitals or
/// not. Source: iptables 1.8.9, dscp_helper.c, class_to_dscp().
std::optional<uint64_t> parseDscpClass(llvm::StringRef text);

} // namespace iptlint::parse
