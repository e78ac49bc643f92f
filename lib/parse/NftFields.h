// What the expressions of nft(8) ask of a packet, and how their values are written.
//
// Written from what nft(8) and the kernel's nft_payload.c, nft_meta.c, nft_ct.c and nft_fib.c say; the printer
// (lib/emit) has an account of its own.
#pragma once

#include "ir/Ruleset.h"
#include "parse/NftLine.h"

namespace iptlint::parse {

enum class NftValueKind : uint8_t {
  Number,
  Address,   ///< also a prefix, or two with `-` between
  Interface, ///< with `*` at its end, all that begin so
  Protocol,
  Mac,
  State,   ///< of conntrack: a bit for each
  Status,  ///< of conntrack: bits
  Name,    ///< one of NftField::names, the first for 0
  FragOff, ///< asked with a mask: whether the offset is 0
};

/// How an expression is a test of a field.
struct NftField {
  ir::Field field = ir::Field::Src;
  NftValueKind kind = NftValueKind::Number;
  unsigned shift = 0;                              ///< the value is that of the field without so many low bits
  std::optional<unsigned> protocol = std::nullopt; ///< the expression also asks for this protocol
  bool inTransport = false; ///< it reads the header behind the IP header: of a later fragment, other bytes
  bool needsFlow = false;   ///< it fails for packets without a flow
  llvm::ArrayRef<llvm::StringLiteral> names = {};
};

/// The field that an expression asks for. \param words  `ip saddr`; \param protocol  that of the packets that get so
/// far, for bytes that are given by their place alone.
/// \returns nothing for an expression that is not known.
std::optional<NftField> nftFieldOf(const NftValue &words, packet::Family family, std::optional<unsigned> protocol);

using NftRanges = llvm::SmallVector<ir::Interval, 2>;

/// The values of the field that \p text stands for, as ranges; nothing where it is no value of it.
std::optional<NftRanges> nftValuesOf(const NftField &field, llvm::StringRef text,
                                                              packet::Family family);

/// A number, decimal or hexadecimal.
std::optional<uint64_t> nftNumber(llvm::StringRef text, uint64_t most);

} // namespace iptlint::parse
