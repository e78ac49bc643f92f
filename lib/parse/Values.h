// The values of options: numbers, ports, marks, addresses, as iptables reads them.
//
// Each function gives nothing for a text that is no such value; the caller knows
// the option and says so. Names of services and protocols are asked of SystemNames.h, where
// they are no numbers; others are never looked up on the machine.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::parse {

/// A number as C writes them: 80, 0x50, 0120. No sign, no blanks.
std::optional<uint64_t> parseNumber(llvm::StringRef text, uint64_t max);

/// `3`, `3:7`, `:7`, `3:`, `:`. The ends may be the wrong way round; one that is left out is 0, or \p max.
std::optional<ir::Interval> parseNumberRange(llvm::StringRef text, uint64_t max);

/// Whether a text may be the name of a host, which the resolver would have to be asked for.
bool isHostName(llvm::StringRef text);

/// Whether a text may be a name out of a table of the machine's, as opposed to a number.
bool isTableName(llvm::StringRef text);

class NameTable;

/// A number or the name of a service, of \p services where they are given.
std::optional<uint16_t> parsePort(llvm::StringRef text, const NameTable *services = nullptr);

/// The same where iptables asks getaddrinfo(): numbers are decimal whatever they begin with.
std::optional<uint16_t> parseServicePort(llvm::StringRef text);

/// `3`, `3:7`, `:7`, `3:`, `:`, with names as well. The ends may be the wrong way round.
std::optional<ir::Interval> parsePortRange(llvm::StringRef text);
std::optional<ir::Interval> parseServicePortRange(llvm::StringRef text);

/// A number up to 255, or a name in any case, of \p protocols where they are given; 0 for "all".
std::optional<unsigned> parseProtocol(llvm::StringRef text, const NameTable *protocols = nullptr);

/// A type of ICMP and which of its codes.
struct IcmpType {
  llvm::StringLiteral name;
  uint8_t type, firstCode, lastCode;
};
/// A name or the beginning of one name alone, in any case; `type`; `type/code`.
std::optional<IcmpType> parseIcmpType(llvm::StringRef text, packet::Family family);

/// A type of mobility header: a number, a name or the first that begins so, in any case.
/// Source: iptables 1.8.9, libip6t_mh.c, name_to_type().
std::optional<uint8_t> parseMhType(llvm::StringRef text);

struct MarkMask {
  uint32_t value = 0;
  uint32_t mask = ~uint32_t(0);
};
/// `value` or `value/mask`.
std::optional<MarkMask> parseMarkMask(llvm::StringRef text);

/// Six hexadecimal numbers with colons.
std::optional<packet::Value> parseMac(llvm::StringRef text);

/// An address and which of its bits count.
struct AddressBlock {
  packet::Value address = 0; ///< bits outside the mask are 0
  packet::Value mask = 0;
};
/// `address`, `address/length` or `address/mask`; `0/0` and the like too. Nothing for names.
std::optional<AddressBlock> parseAddressBlock(llvm::StringRef text, packet::Family family);

/// The addresses of a block as ranges, where there are at most \p most of them: a mask with holes gives several.
std::optional<llvm::SmallVector<ir::Interval, 1>> rangesOf(AddressBlock block, packet::Family family, unsigned most);

/// Sorted, disjoint and not adjacent, as RangeTest wants them.
void normalise(llvm::SmallVectorImpl<ir::Interval> &ranges);

/// A word without its quotes: what lies in them, with a backslash before a character taken away.
/// \p memory  holds the text where it is no slice of \p word.
llvm::StringRef unquoted(llvm::StringRef word, llvm::BumpPtrAllocator &memory);

} // namespace iptlint::parse
